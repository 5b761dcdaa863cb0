import { useState } from "react";
import type { AgentName } from "@/api/types";
import { agentTitle } from "@/lib/format";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { ChangeTrouble } from "./trouble";
import { useRuleDelete } from "./use-change";

interface Props {
  agent: AgentName;
  rule: { rule_id: string; text: string; pinned?: boolean };
  version: number;
  locked: boolean;
}

/** Asks before a rule goes for good. */
export function DeleteRule({ agent, rule, version, locked }: Props) {
  const [asking, setAsking] = useState(false);
  const remove = useRuleDelete(agent);
  const close = () => {
    remove.reset();
    setAsking(false);
  };
  return (
    <>
      <Button
        size="small"
        disabled={locked || rule.pinned}
        title={rule.pinned ? "A pinned rule is let go first" : undefined}
        onClick={() => setAsking(true)}
      >
        Delete
        <span className="sr-only">: {inert(rule.text).slice(0, 60)}</span>
      </Button>
      {asking && (
        <Confirm
          open
          onOpenChange={(open) => !open && close()}
          title={`Delete this rule of ${agentTitle(agent)}?`}
          action="Delete the rule"
          danger
          busy={remove.isPending}
          onConfirm={() => remove.mutate({ ruleId: rule.rule_id, version }, { onSuccess: close })}
        >
          {remove.error && <ChangeTrouble error={remove.error} onDone={close} />}
          <p className="m-0 break-words">{inert(rule.text)}</p>
          <p className="mt-2 mb-0">
            Its counters go with it. The version that holds it stays in the list and can be rolled back to.
          </p>
        </Confirm>
      )}
    </>
  );
}
