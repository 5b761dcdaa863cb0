import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ban, Download, GitFork } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { answer, api, download } from "@/api/client";
import { asProblem } from "@/api/problem";
import { keys } from "@/api/queries";
import { isFinal, type Task } from "@/api/types";
import { usd } from "@/lib/format";
import { Button, buttonClass } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { toast } from "@/ui/toast";

/** Fetched when it is asked for: most who look at a task do not cancel it. */
const Confirm = lazy(() => import("@/ui/dialog").then((dialog) => ({ default: dialog.Confirm })));

export function TaskActions({ task }: { task: Task }) {
  const { task_id: id } = task;
  const save = useMutation({
    mutationFn: () => download(`/tasks/${encodeURIComponent(id)}/artifacts.tar.gz`, `${id}.tar.gz`),
    onError: (error) => toast(asProblem(error).message, { bad: true }),
  });
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <CopyButton text={`${location.origin}/ui/tasks/${id}`} label="Copy link" />
      <Button
        size="small"
        busy={save.isPending}
        title="All files of the task as they are now, as tar.gz"
        icon={<Download aria-hidden="true" className="size-3.5" />}
        onClick={() => save.mutate()}
      >
        Download
      </Button>
      <Link to="/tasks/$taskId/state" params={{ taskId: id }} className={buttonClass("secondary", "small")}>
        <GitFork aria-hidden="true" className="size-3.5" />
        Fork
      </Link>
      {!isFinal(task) && <Cancel task={task} />}
    </div>
  );
}

function Cancel({ task }: { task: Task }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => answer(api.DELETE("/tasks/{task_id}", { params: { path: { task_id: task.task_id } } })),
    onError: (error) => toast(asProblem(error).message, { bad: true }),
    onSettled: () => {
      setAsking(false);
      void client.invalidateQueries({ queryKey: keys.task(task.task_id), exact: true });
    },
  });
  return (
    <>
      <Button
        kind="danger"
        size="small"
        icon={<Ban aria-hidden="true" className="size-3.5" />}
        onClick={() => setAsking(true)}
      >
        Cancel task
      </Button>
      <Suspense>
        {asking && (
          <Confirm
            open
            onOpenChange={setAsking}
            title="Cancel this task?"
            action="Cancel task"
            danger
            busy={cancel.isPending}
            onConfirm={() => cancel.mutate()}
          >
            Its agents stop, and a question that waits is withdrawn. The files and the history stay;{" "}
            {usd(task.total_cost_usd)} has been spent. It cannot be resumed, but it can be forked from any of
            its checkpoints.
          </Confirm>
        )}
      </Suspense>
    </>
  );
}
