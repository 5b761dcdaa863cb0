import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { queries } from "@/api/queries";
import type { Task } from "@/api/types";
import { StatusBadge } from "@/blocks/status";
import { usd } from "@/lib/format";
import { httpUrl, requestName } from "@/lib/links";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { QueryPanel, Skeleton } from "@/ui/states";
import { Ago } from "@/ui/time";
import { ENDED } from "./figures";

const MOST = 6;

export function Ended() {
  const query = useInfiniteQuery(queries.tasks({ status: ENDED }));
  const tasks = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title="Finished last">
      <QueryPanel
        query={query}
        skeleton={<Skeleton lines={4} />}
        isEmpty={() => tasks.length === 0}
        whenEmpty={<p className="m-0 text-muted">No task has ended yet.</p>}
      >
        {() => (
          <ul className="m-0 flex list-none flex-col divide-y divide-line p-0">
            {byEnd(tasks).map((task) => (
              <EndedTask key={task.task_id} task={task} />
            ))}
          </ul>
        )}
      </QueryPanel>
    </Card>
  );
}

function byEnd(tasks: Task[]): Task[] {
  return [...tasks].sort((a, b) => b.updated_at - a.updated_at).slice(0, MOST);
}

function EndedTask({ task }: { task: Task }) {
  const request = httpUrl(task.pr_url);
  return (
    <li className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 py-2 first:pt-0 last:pb-0">
      <StatusBadge status={task.status} />
      <Link
        to="/tasks/$taskId"
        params={{ taskId: task.task_id }}
        className="min-w-40 flex-1 truncate text-text no-underline hover:underline"
      >
        {inert(task.task_description)}
      </Link>
      <span className="flex items-center gap-3 text-xs text-muted">
        {request && (
          <a
            href={request}
            target="_blank"
            rel="noreferrer"
            className="text-accent underline underline-offset-2"
          >
            {requestName(request)}
          </a>
        )}
        <span className="tabular-nums">{usd(task.total_cost_usd)}</span>
        <Ago ts={task.updated_at} />
      </span>
    </li>
  );
}
