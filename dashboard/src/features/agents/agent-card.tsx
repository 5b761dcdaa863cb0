import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { AgentSummary, Task } from "@/api/types";
import { ModelName } from "@/blocks/model";
import { agentHue } from "@/blocks/status";
import { agentTitle, plural, rate, short, usd } from "@/lib/format";
import { WorkStatus } from "./status";
import { DOES } from "./words";

/** One agent at a glance; the heading's link covers the card. */
export function AgentCard({ summary, tasks }: { summary: AgentSummary; tasks: readonly Task[] }) {
  const { agent, metrics } = summary;
  const calls = metrics.calls ?? 0;
  return (
    <li className="relative flex min-w-0 flex-col gap-3 rounded-lg border border-line bg-surface p-4 shadow-card hover:border-line-strong">
      <div className="flex min-h-7 min-w-0 flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <h2 className="m-0 flex items-center gap-2 text-base font-semibold">
          <span
            aria-hidden="true"
            className="size-2.5 rounded-full"
            style={{ background: agentHue(agent) }}
          />
          <Link
            to="/agents/$agent"
            params={{ agent }}
            className="text-text no-underline after:absolute after:inset-0 after:rounded-lg"
          >
            {agentTitle(agent)}
          </Link>
        </h2>
        <WorkStatus agent={agent} tasks={tasks} />
      </div>
      <p className="m-0 text-muted">{DOES[agent]}</p>
      <dl className="m-0 mt-auto grid grid-cols-3 gap-x-3 gap-y-2">
        <Fact name="Success">{rate(calls - (metrics.failures ?? 0), calls)}</Fact>
        <Fact name="Calls">{short(calls)}</Fact>
        <Fact name="Cost">{usd(metrics.cost_usd ?? 0)}</Fact>
      </dl>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line pt-3 text-xs text-muted">
        <ModelName model={summary.model} short />
        <span>Version {summary.identity_version}</span>
        <span>{plural(summary.rules, "rule")}</span>
        <Learned summary={summary} />
      </div>
    </li>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="m-0 text-lg font-semibold tabular-nums">{children}</dd>
    </div>
  );
}

/** How its rules and its last tasks did. */
function Learned({ summary }: { summary: AgentSummary }) {
  const { weak, trials, record } = summary;
  const { tasks = 0, first_pass = 0 } = record;
  return (
    <>
      {trials > 0 && <span>{trials} on trial</span>}
      {weak > 0 && (
        <span className="inline-flex items-center gap-1 text-warn">
          <TriangleAlert aria-hidden="true" className="size-3.5" />
          {weak} weak
        </span>
      )}
      {tasks > 0 && <span>First pass {rate(first_pass, tasks)}</span>}
    </>
  );
}
