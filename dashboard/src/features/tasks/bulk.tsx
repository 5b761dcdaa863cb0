import { useMutation } from "@tanstack/react-query";
import { Ban, X } from "lucide-react";
import { useState } from "react";
import { answer, api } from "@/api/client";
import type { Task } from "@/api/types";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Button, IconButton } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { toast } from "@/ui/toast";
import { type Failure, forEach } from "./cancel-many";
import type { Selection } from "./selection";

const AT_ONCE = 4;

function cancel(task: Task): Promise<unknown> {
  return answer(api.DELETE("/tasks/{task_id}", { params: { path: { task_id: task.task_id } } }));
}

/** What can be done with the chosen tasks, and what did not work. */
export function BulkBar({ selection: { chosen, clear } }: { selection: Selection }) {
  const [asking, setAsking] = useState<Task[] | null>(null);
  const [failures, setFailures] = useState<Failure<Task>[]>([]);
  const [done, setDone] = useState(0);
  const mutation = useMutation({
    mutationFn: (tasks: Task[]) => forEach(tasks, AT_ONCE, cancel, setDone),
    onSuccess: (failed, tasks) => {
      setFailures(failed);
      setAsking(null);
      clear();
      if (failed.length < tasks.length) toast(`Cancelled ${plural(tasks.length - failed.length, "task")}`);
    },
  });
  const begin = () => {
    if (asking === null || mutation.isPending) return;
    setDone(0);
    mutation.mutate(asking);
  };
  return (
    <>
      {chosen.length > 0 && (
        <div className="sticky top-14 z-10 mb-3 flex flex-wrap items-center gap-2 rounded-md border border-line bg-raised px-3 py-1.5 shadow-card">
          <span role="status" className="font-medium">
            {chosen.length} selected
          </span>
          <Button
            kind="danger"
            size="small"
            icon={<Ban aria-hidden="true" className="size-3.5" />}
            onClick={() => setAsking(chosen)}
          >
            Cancel {plural(chosen.length, "task")}
          </Button>
          <Button kind="ghost" size="small" onClick={clear}>
            Clear selection
          </Button>
        </div>
      )}
      <Failures failures={failures} onClose={() => setFailures([])} />
      <Confirm
        open={asking !== null}
        onOpenChange={(open) => !open && !mutation.isPending && setAsking(null)}
        title={`Cancel ${plural(asking?.length ?? 0, "task")}?`}
        action={
          mutation.isPending
            ? `${done} of ${asking?.length ?? 0}`
            : `Cancel ${plural(asking?.length ?? 0, "task")}`
        }
        danger
        busy={mutation.isPending}
        onConfirm={begin}
      >
        Their agents stop and questions that wait are withdrawn. Files and history stay. A cancelled task
        cannot be resumed, but it can be forked from any of its checkpoints.
      </Confirm>
    </>
  );
}

function Failures({ failures, onClose }: { failures: Failure<Task>[]; onClose: () => void }) {
  if (failures.length === 0) return null;
  return (
    <div
      role="alert"
      className="mb-3 flex items-start gap-2 rounded-md border border-bad bg-bad-soft px-3 py-2 text-text"
    >
      <div className="min-w-0 flex-1">
        <div className="font-medium text-bad">{plural(failures.length, "task")} could not be cancelled</div>
        <ul className="m-0 list-disc pl-5">
          {failures.map(({ item, reason }) => (
            <li key={item.task_id} className="break-words">
              {inert(item.task_description).slice(0, 80)} ({item.task_id}): {reason}
            </li>
          ))}
        </ul>
      </div>
      <IconButton label="Dismiss" onClick={onClose}>
        <X aria-hidden="true" className="size-4" />
      </IconButton>
    </div>
  );
}
