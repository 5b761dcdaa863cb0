import { useQuery } from "@tanstack/react-query";
import { BookOpen } from "lucide-react";
import { queries } from "@/api/queries";
import type { AgentName, RuleView } from "@/api/types";
import { OnlyAdmins } from "@/blocks/role";
import { Card } from "@/ui/card";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { Table } from "@/ui/table";
import { AddRule } from "./add-rule";
import { RuleRow } from "./rule-row";
import { Trials } from "./trials";
import { ChangeTrouble } from "./trouble";
import { useRuleChange } from "./use-change";

/** The rules that it is told with each task, and how those tasks went. */
export function RulesTab({ agent }: { agent: AgentName }) {
  const query = useQuery(queries.rules(agent));
  const { data: shown } = useQuery(queries.identity(agent));
  const { data: caller } = useQuery(queries.whoami());
  const version = shown?.identity.version;
  const locked = version === undefined || (caller !== undefined && caller.role !== "admin");
  return (
    <div className="flex flex-col gap-4">
      <Card title="Rules" actions={<AddRule agent={agent} version={version ?? 0} locked={locked} />}>
        <QueryPanel
          query={query}
          skeleton={<Skeleton lines={6} className="min-h-64" />}
          isEmpty={(rules) => rules.length === 0}
          whenEmpty={
            <Empty title="It has no rules yet" icon={<BookOpen aria-hidden="true" />}>
              Rules are sentences that an agent is told with each task. Each is counted: how often it was
              told, and how often the task then went well.
            </Empty>
          }
        >
          {(rules) => <Rules agent={agent} rules={rules} />}
        </QueryPanel>
      </Card>
      {shown?.trials && shown.trials.length > 0 && (
        <Trials agent={agent} trials={shown.trials} version={version ?? 0} locked={locked} />
      )}
    </div>
  );
}

function Rules({ agent, rules }: { agent: AgentName; rules: RuleView[] }) {
  const { data: identity } = useQuery(queries.identity(agent));
  const { data: caller } = useQuery(queries.whoami());
  const change = useRuleChange(agent);
  const version = identity?.identity.version;
  const locked = caller !== undefined && caller.role !== "admin";
  return (
    <>
      {locked && (
        <div className="mb-3">
          <OnlyAdmins what="Changing rules" role={caller.role ?? "viewer"} />
        </div>
      )}
      {change.error && <ChangeTrouble error={change.error} onDone={change.reset} />}
      <div className="-mx-4 -mt-2 max-md:[&_th:nth-child(n+2)]:hidden [&_:is(td,th):first-child]:pl-4 [&_:is(td,th):last-child]:pr-4">
        <Table
          label="Rules of this agent"
          head={[
            "Rule",
            "Told",
            "Went well",
            "Rate",
            <span key="act" className="sr-only">
              Change
            </span>,
          ]}
        >
          {rules.map((rule) => (
            <RuleRow
              key={rule.rule_id}
              agent={agent}
              version={version}
              rule={rule}
              locked={locked || version === undefined}
              busy={change.isPending}
              changing={change.isPending && change.variables.ruleId === rule.rule_id}
              onChange={(part) => {
                if (version !== undefined) change.mutate({ ruleId: rule.rule_id, version, ...part });
              }}
            />
          ))}
        </Table>
      </div>
      <p className="mt-3 mb-0 max-w-prose text-xs text-muted">
        The rate is of the finished tasks in which the rule was told, in brackets its 95&nbsp;% interval
        (Wilson). A rule that was told 10 times or more and went well less than 55&nbsp;% of them, the dashed
        mark, is weak. A pinned rule is never taken out by the service; a disabled one is kept and not told.
        Each change makes a new version of the agent.
      </p>
    </>
  );
}
