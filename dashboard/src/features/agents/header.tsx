import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import { queries } from "@/api/queries";
import type { AgentName, AgentSummary } from "@/api/types";
import { isOffline, ModelName } from "@/blocks/model";
import { agentHue } from "@/blocks/status";
import { agentTitle, duration, percent, plural, rate, short, usd } from "@/lib/format";
import { buttonClass } from "@/ui/button";
import { Figure, PageHeader } from "@/ui/card";
import { QueryPanel, Skeleton } from "@/ui/states";
import { useRunningTasks, WorkStatus } from "./status";
import { DOES } from "./words";

export function AgentHeader({ agent }: { agent: AgentName }) {
  const query = useQuery(queries.agents());
  const tasks = useRunningTasks();
  return (
    <>
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span
              aria-hidden="true"
              className="size-3 rounded-full"
              style={{ background: agentHue(agent) }}
            />
            {agentTitle(agent)}
          </span>
        }
        note={DOES[agent]}
      >
        <WorkStatus agent={agent} tasks={tasks} />
        <Link to="/logs" search={{ agent }} className={buttonClass()}>
          <ScrollText aria-hidden="true" className="size-4" />
          Its model calls
        </Link>
      </PageHeader>
      <div className="mb-4 rounded-lg border border-line bg-surface p-4 shadow-card">
        <QueryPanel query={query} skeleton={<Skeleton lines={2} className="min-h-[67px]" />}>
          {(agents) => {
            const summary = agents.find((each) => each.agent === agent);
            return summary ? <Figures summary={summary} /> : null;
          }}
        </QueryPanel>
      </div>
    </>
  );
}

function Figures({ summary }: { summary: AgentSummary }) {
  const { model, identity_version, rules } = summary;
  const { calls = 0, failures = 0, seconds = 0, cost_usd = 0, ...tokens } = summary.metrics;
  return (
    <div className="grid grid-cols-2 gap-4 sm:grid-cols-3 xl:grid-cols-7">
      <Figure
        label="Model"
        value={<ModelName model={model} short className="text-base" />}
        note={isOffline(model) ? "rules, not a language model" : null}
      />
      <Figure label="Identity" value={`Version ${identity_version}`} note={plural(rules, "rule")} />
      <Figure
        label="Success"
        value={rate(calls - failures, calls)}
        note={failures > 0 ? `${plural(failures, "call")} failed` : "calls without a failure"}
      />
      <FirstPass record={summary.record} />
      <Figure
        label="Calls"
        value={short(calls)}
        note={calls > 0 ? `${duration(seconds / calls)} each on average` : "none yet"}
      />
      <Figure
        label="Tokens"
        value={short((tokens.input_tokens ?? 0) + (tokens.output_tokens ?? 0))}
        note={`${short(tokens.input_tokens ?? 0)} in, ${short(tokens.output_tokens ?? 0)} out`}
      />
      <Figure label="Cost" value={usd(cost_usd)} />
    </div>
  );
}

/** How often nothing that blocks came back to it. */
function FirstPass({ record }: { record: AgentSummary["record"] }) {
  const { tasks = 0, first_pass = 0, low, high } = record;
  const sure = low != null && high != null ? `, ${percent(low)} to ${percent(high)}` : "";
  return (
    <Figure
      label="First pass"
      value={rate(first_pass, tasks)}
      note={tasks > 0 ? `of the last ${plural(tasks, "task")}${sure}` : "no task has finished yet"}
    />
  );
}
