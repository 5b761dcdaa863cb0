import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { queries } from "@/api/queries";
import type { Task } from "@/api/types";
import { CostMeter } from "@/blocks/cost";
import { roundTitle } from "@/blocks/rounds";
import { AgentBadge, StatusBadge } from "@/blocks/status";
import { wishNewTask } from "@/lib/new-task";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { QueryPanel, Skeleton } from "@/ui/states";
import { Elapsed } from "@/ui/time";
import { AT_WORK, atWork, stepsOf } from "./figures";
import { Steps } from "./steps";

const MOST = 10;

export function Running() {
  const query = useInfiniteQuery(queries.tasks({ status: AT_WORK }));
  const tasks = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card
      title={tasks.length > 0 ? `Running (${tasks.length}${query.hasNextPage ? "+" : ""})` : "Running"}
      actions={
        <Link to="/tasks" className="inline-flex min-h-7 items-center text-[13px] text-accent">
          All tasks
        </Link>
      }
    >
      <QueryPanel
        query={query}
        skeleton={<Skeleton lines={3} />}
        isEmpty={() => tasks.length === 0}
        whenEmpty={
          <div className="flex flex-wrap items-center justify-between gap-2 text-muted">
            No task is running.
            <Button icon={<Plus aria-hidden="true" className="size-4" />} onClick={() => wishNewTask()}>
              New task
            </Button>
          </div>
        }
      >
        {() => (
          <ul className="m-0 flex list-none flex-col divide-y divide-line p-0">
            {tasks.slice(0, MOST).map((task) => (
              <RunningTask key={task.task_id} row={task} />
            ))}
          </ul>
        )}
      </QueryPanel>
    </Card>
  );
}

function RunningTask({ row }: { row: Task }) {
  // The row changes with each event; what each agent has done is in the task itself.
  const { data } = useQuery({ ...queries.task(row.task_id), enabled: row.status === "running" });
  const task = { ...row, agent_stats: data?.agent_stats ?? row.agent_stats };
  return (
    <li className="grid min-w-0 gap-x-4 gap-y-1.5 py-3 first:pt-0 last:pb-0 sm:grid-cols-[minmax(0,1fr)_160px]">
      <Link
        to="/tasks/$taskId"
        params={{ taskId: task.task_id }}
        className="line-clamp-2 font-medium break-words text-text no-underline hover:underline"
      >
        {inert(task.task_description)}
      </Link>
      <CostMeter spent={task.total_cost_usd} budget={task.budget_usd} />
      <div className="flex min-w-0 flex-wrap items-center gap-2 text-xs text-muted sm:col-span-2">
        <StatusBadge status={task.status} />
        <Steps steps={stepsOf(task)} />
        {atWork(task).map((agent) => (
          <AgentBadge key={agent} agent={agent} />
        ))}
        <span>{roundTitle(task.iteration)}</span>
        <span>
          <Elapsed from={task.created_at} />
        </span>
      </div>
    </li>
  );
}
