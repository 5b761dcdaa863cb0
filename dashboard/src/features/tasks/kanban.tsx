import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { isFinal, type Task, type TaskStatus } from "@/api/types";
import { AgentBadge, StatusBadge, statusWord } from "@/blocks/status";
import { usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { Meter } from "@/ui/meter";
import { Ago } from "@/ui/time";
import { STATUSES } from "./filters";
import type { RowsProps } from "./page";
import { RequestLink } from "./row";

/** More than this many in a column come when they are asked for. */
const AT_FIRST = 40;

/** The same tasks by status, in the order in which they need a person. */
export function Kanban({ tasks, selection }: RowsProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div role="region" aria-label="Tasks by status" tabIndex={0} className="overflow-x-auto pb-2">
      <div className="grid auto-cols-[minmax(184px,1fr)] max-sm:auto-cols-[78vw] grid-flow-col items-start gap-3">
        {STATUSES.map((status) => (
          <Column
            key={status}
            status={status}
            tasks={tasks.filter((task) => task.status === status)}
            selection={selection}
          />
        ))}
      </div>
    </div>
  );
}

function Column({ status, tasks, selection }: RowsProps & { status: TaskStatus }) {
  const [limit, setLimit] = useState(AT_FIRST);
  return (
    <section aria-label={statusWord(status)} className="min-w-0 rounded-lg border border-line bg-sunken p-2">
      <h2 className="m-0 mb-2 flex items-center justify-between px-1 text-sm font-normal">
        <StatusBadge status={status} />
        <span className="text-xs text-muted tabular-nums">{tasks.length}</span>
      </h2>
      <ul className="m-0 flex list-none flex-col gap-2 p-0">
        {tasks.slice(0, limit).map((task) => (
          <TaskCard key={task.task_id} task={task} selection={selection} />
        ))}
      </ul>
      {tasks.length === 0 && <p className="m-0 px-1 py-2 text-xs text-muted">None</p>}
      {tasks.length > limit && (
        <Button size="small" kind="ghost" onClick={() => setLimit(limit + AT_FIRST)}>
          Show {Math.min(AT_FIRST, tasks.length - limit)} more
        </Button>
      )}
    </section>
  );
}

function TaskCard({ task, selection }: { task: Task; selection: RowsProps["selection"] }) {
  const sentence = inert(task.task_description);
  return (
    <li className="relative flex flex-col gap-2 rounded-md border border-line bg-surface p-2.5 hover:border-line-strong has-[a:focus-visible]:border-accent">
      <div className="flex items-start gap-2">
        <Link
          to="/tasks/$taskId"
          params={{ taskId: task.task_id }}
          title={sentence.slice(0, 500)}
          className="line-clamp-3 min-w-0 flex-1 break-words text-text no-underline after:absolute after:inset-0"
        >
          {sentence.slice(0, 300)}
        </Link>
        {!isFinal(task) && (
          <label className="relative z-[1] -m-1 flex size-7 shrink-0 items-center justify-center">
            <input
              type="checkbox"
              aria-label={`Select ${sentence.slice(0, 80)}`}
              className="size-4 accent-(--accent)"
              checked={selection.ids.has(task.task_id)}
              onChange={() => selection.toggle(task.task_id)}
            />
          </label>
        )}
      </div>
      {task.current_agent && task.status === "running" && (
        <div>
          <AgentBadge agent={task.current_agent} />
        </div>
      )}
      <div className="flex items-center justify-between gap-2 text-xs text-muted">
        <span className="tabular-nums">{usd(task.total_cost_usd)}</span>
        <RequestLink url={task.pr_url} quiet />
        <Ago ts={task.created_at} />
      </div>
      {task.total_cost_usd > 0 && (
        <Meter
          share={task.budget_usd > 0 ? task.total_cost_usd / task.budget_usd : 1}
          label={`spent ${usd(task.total_cost_usd)} of ${usd(task.budget_usd)}`}
        />
      )}
    </li>
  );
}
