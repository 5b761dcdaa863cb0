/** What answers here, what isolates what it writes, what it may spend. */

import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { queries } from "@/api/queries";
import type { AgentName, Health, Stats } from "@/api/types";
import { CostMeter } from "@/blocks/cost";
import { AgentBadge } from "@/blocks/status";
import { serverNow } from "@/lib/clock";
import { usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { QueryPanel, Skeleton } from "@/ui/states";
import { Elapsed } from "@/ui/time";
import { AT_WORK, atWork } from "./figures";
import { modelsOf, OfflineNote } from "./offline";

export function Installation({ stats }: { stats: Stats }) {
  const health = useQuery(queries.health());
  return (
    <Card
      title="This installation"
      actions={
        <Link to="/settings" className="inline-flex min-h-7 items-center text-[13px] text-accent">
          Settings
        </Link>
      }
    >
      <dl className="m-0 flex flex-col gap-3">
        <Item name="Agents at work">
          <AgentsAtWork />
        </Item>
        <Item name="Spent today">
          <Spend day={stats.budget.day} />
        </Item>
        <QueryPanel query={health} skeleton={<Skeleton lines={4} />}>
          {(found) => <Parts health={found} since={startOf(found, health.dataUpdatedAt)} />}
        </QueryPanel>
      </dl>
    </Card>
  );
}

function Item({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="m-0 min-w-0 break-words">{children}</dd>
    </div>
  );
}

function AgentsAtWork() {
  const { data } = useInfiniteQuery(queries.tasks({ status: AT_WORK }));
  const running = (data?.pages.flatMap((page) => page.items) ?? []).filter((row) => row.status === "running");
  const details = useQueries({ queries: running.slice(0, 10).map((row) => queries.task(row.task_id)) });
  const counts = new Map<AgentName, number>();
  running.forEach((row, index) => {
    const agent_stats = details[index]?.data?.agent_stats ?? row.agent_stats;
    for (const agent of atWork({ ...row, agent_stats })) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  });
  if (counts.size === 0) return <span className="text-muted">None</span>;
  return (
    <div className="mt-0.5 flex flex-wrap gap-1.5">
      {[...counts].map(([agent, count]) => (
        <span key={agent} className="inline-flex items-center gap-1">
          <AgentBadge agent={agent} />
          {count > 1 && <span className="text-xs text-muted">in {count} tasks</span>}
        </span>
      ))}
    </div>
  );
}

function Spend({ day }: { day: Stats["budget"]["day"] }) {
  if (day.cap_usd === null) {
    return (
      <>
        {usd(day.spent_usd)} <span className="text-muted">without a cap for the day</span>
      </>
    );
  }
  return <CostMeter spent={day.spent_usd} budget={day.cap_usd} />;
}

/** When the service began, in its own time; null where it does not tell. */
function startOf(health: Health, toldAtMs: number): number | null {
  if (health.uptime_s == null) return null;
  const ahead = serverNow() - Date.now() / 1000;
  return toldAtMs / 1000 + ahead - health.uptime_s;
}

function Parts({ health, since }: { health: Health; since: number | null }) {
  const sandbox = health.sandbox;
  const models = modelsOf(health);
  return (
    <>
      <Item name={models.length > 1 ? "Models" : "Model"}>
        {models.length === 0 ? (
          <span className="text-muted">not told to this key</span>
        ) : (
          models.map((model) => <div key={model}>{inert(model)}</div>)
        )}
        {health.offline && <OfflineNote />}
      </Item>
      {sandbox && (
        <Item name="Sandbox">
          <span className="flex items-start gap-1.5">
            {sandbox.ok ? (
              <CircleCheck aria-hidden="true" className="mt-[3px] size-4 shrink-0 text-ok" />
            ) : (
              <CircleX aria-hidden="true" className="mt-[3px] size-4 shrink-0 text-bad" />
            )}
            <span className="min-w-0">
              {inert(String(sandbox.backend ?? "none"))}
              {sandbox.ok ? ", works" : `: ${inert(String(sandbox.reason || "does not work"))}`}
              {!sandbox.ok && sandbox.fix && (
                <span className="block text-muted">{inert(String(sandbox.fix))}</span>
              )}
            </span>
          </span>
        </Item>
      )}
      <Item name="Service">
        version {health.version}
        {since !== null && (
          <>
            , up for <Elapsed from={since} />
          </>
        )}
        {health.status === "no_room" && (
          <span className="block text-bad">The disk is nearly full: nothing new is begun.</span>
        )}
      </Item>
    </>
  );
}
