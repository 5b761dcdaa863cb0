import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CirclePause, Loader } from "lucide-react";
import { queries } from "@/api/queries";
import type { AgentName, Task } from "@/api/types";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Badge } from "@/ui/badge";
import { atWork } from "./work";

/** Tasks that run now; kept, and changed by events. */
export function useRunningTasks(): Task[] {
  const { data } = useInfiniteQuery(queries.tasks({ status: ["running"] }));
  return data?.pages.flatMap((page) => page.items) ?? [];
}

/** Whether it is at work, and in which tasks. */
export function WorkStatus({ agent, tasks }: { agent: AgentName; tasks: readonly Task[] }) {
  const now = atWork(agent, tasks);
  if (now.length === 0) {
    return <Badge icon={<CirclePause aria-hidden="true" className="size-3.5" />}>Idle</Badge>;
  }
  const [first, ...others] = now;
  return (
    <span className="relative z-[1] inline-flex max-w-full min-w-0 items-center gap-2">
      <Badge tone="info" icon={<Loader aria-hidden="true" className="pulse size-3.5" />}>
        At work
      </Badge>
      {first && (
        <Link
          to="/tasks/$taskId"
          params={{ taskId: first.task_id }}
          className="inline-flex min-h-6 min-w-0 items-center text-xs text-accent"
        >
          <span className="truncate">{inert(first.task_description).slice(0, 120)}</span>
        </Link>
      )}
      {others.length > 0 && (
        <Link
          to="/tasks"
          search={{ status: "running" }}
          className="inline-flex min-h-6 items-center text-xs whitespace-nowrap text-accent"
        >
          and {plural(others.length, "more task", "more tasks")}
        </Link>
      )}
    </span>
  );
}
