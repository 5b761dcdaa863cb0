import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ExternalLink, MonitorPlay, RotateCw, Square } from "lucide-react";
import { answer, api, slowly } from "@/api/client";
import { asProblem } from "@/api/problem";
import { keys } from "@/api/queries";
import type { Task } from "@/api/types";
import { httpUrl } from "@/lib/links";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";

/** There is something to serve once the agents have stopped writing. */
export function demoPossible(task: Pick<Task, "status" | "demo_url" | "pipeline">): boolean {
  if (task.demo_url) return true;
  return (task.status === "waiting_for_input" || task.status === "completed") && task.pipeline.length > 0;
}

/** The application itself, served for people to try. */
export function DemoControls({ task }: { task: Task }) {
  const client = useQueryClient();
  const at = { params: { path: { task_id: task.task_id } } };
  const settled = {
    onError: (error: unknown) => toast(asProblem(error).message, { bad: true }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.task(task.task_id), exact: true }),
  };
  const start = useMutation({
    mutationFn: (again: boolean) =>
      answer(
        api.POST("/tasks/{task_id}/demo", {
          params: { ...at.params, query: { again } },
          fetch: slowly,
        }),
      ),
    ...settled,
  });
  const stop = useMutation({ mutationFn: () => api.DELETE("/tasks/{task_id}/demo", at), ...settled });
  if (!demoPossible(task)) return null;
  const address = httpUrl(task.demo_url);
  if (!address) {
    return (
      <Button
        size="small"
        busy={start.isPending}
        icon={<MonitorPlay aria-hidden="true" className="size-4" />}
        onClick={() => start.mutate(false)}
      >
        {start.isPending ? "Starting demo" : "Start demo"}
      </Button>
    );
  }
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5">
      <MonitorPlay aria-hidden="true" className="size-4 text-muted" />
      <a
        href={address}
        target="_blank"
        rel="noreferrer"
        className="inline-flex min-h-6 items-center gap-1 text-accent"
      >
        Live demo
        <ExternalLink aria-label="opens in a new tab" role="img" className="size-3" />
      </a>
      <Button
        kind="ghost"
        size="small"
        title="Start afresh, with an empty database"
        busy={start.isPending}
        icon={<RotateCw aria-hidden="true" className="size-3.5" />}
        onClick={() => start.mutate(true)}
      >
        Restart
      </Button>
      <Button
        kind="ghost"
        size="small"
        busy={stop.isPending}
        icon={<Square aria-hidden="true" className="size-3.5" />}
        onClick={() => stop.mutate()}
      >
        Stop
      </Button>
    </span>
  );
}
