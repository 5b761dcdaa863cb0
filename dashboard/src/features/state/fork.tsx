import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { GitFork, TriangleAlert } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { useActKey } from "@/api/act";
import { answer, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { CheckpointView, Task } from "@/api/types";
import { usd } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Switch, TextArea, TextField } from "@/ui/form";
import { toast } from "@/ui/toast";
import { nodeNames } from "./checkpoint";
import { checkFork, type ForkDraft, requestOf } from "./fork-request";

/** Go on from a checkpoint as a new task. Says first what that does and costs. */
export function ForkDialog({
  taskId,
  task,
  checkpoint,
  onClose,
}: {
  taskId: string;
  task?: Task;
  checkpoint: CheckpointView;
  onClose: () => void;
}) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Fork from checkpoint ${checkpoint.number}`}
      note={checkpoint.wrote.length > 0 ? `After ${nodeNames(checkpoint.wrote)}` : "From the beginning"}
    >
      <ForkForm taskId={taskId} task={task} checkpoint={checkpoint} onClose={onClose} />
    </Dialog>
  );
}

function ForkForm({
  taskId,
  task,
  checkpoint,
  onClose,
}: {
  taskId: string;
  task?: Task;
  checkpoint: CheckpointView;
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const keyOf = useActKey();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<ForkDraft>({ feedback: "", budget: "", iterations: "", onto: false });
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const fork = useMutation({
    mutationFn: (body: ReturnType<typeof requestOf>) =>
      answer(
        api.POST("/tasks/{task_id}/fork", {
          params: { path: { task_id: taskId }, header: { "Idempotency-Key": keyOf(body) } },
          body,
        }),
      ),
    onSuccess: ({ task: created }) => {
      onClose();
      toast("Forked: this is the new task");
      void navigate({ to: "/tasks/$taskId", params: { taskId: created.task_id } });
    },
  });
  const problem = fork.error ? asProblem(fork.error) : null;
  const refused = Object.fromEntries((problem?.errors ?? []).map(({ field, message }) => [field, message]));
  const errors: Record<string, string> = { ...refused, ...wrong };
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (fork.isPending) return;
    const found = checkFork(draft);
    setWrong(found);
    if (Object.keys(found).length === 0) fork.mutate(requestOf(draft, checkpoint.checkpoint_id));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
  };
  const set = (part: Partial<ForkDraft>) => {
    setDraft({ ...draft, ...part });
    setWrong({});
  };
  return (
    <form ref={form} noValidate onSubmit={send} onKeyDown={onKeyDown} className="flex flex-col gap-4">
      <Warning checkpoint={checkpoint} onto={draft.onto} />
      <TextArea
        label="What is to be different (optional)"
        autoFocus
        rows={4}
        placeholder="Use UUIDs as ids; the search finds too much …"
        value={draft.feedback}
        error={errors.feedback}
        onChange={({ target }) => set({ feedback: target.value })}
        hint="The agents take it as feedback at this point. Left empty, the run goes on as it was."
      />
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <TextField
          label="Budget in USD"
          inputMode="decimal"
          placeholder={task ? task.budget_usd.toFixed(2) : ""}
          value={draft.budget}
          error={errors.budget_usd}
          onChange={({ target }) => set({ budget: target.value.replace(",", ".") })}
          hint="Of the new task alone."
        />
        <TextField
          label="Iterations at most"
          inputMode="numeric"
          placeholder={task ? String(task.max_iterations) : ""}
          value={draft.iterations}
          error={errors.max_iterations}
          onChange={({ target }) => set({ iterations: target.value })}
        />
      </div>
      <Switch
        label="Onto the same pull request"
        checked={draft.onto}
        disabled={!task?.pr_url}
        onChange={(on) => set({ onto: on })}
        hint={
          task?.pr_url
            ? "One more commit on the pull request of this task, from a checkpoint behind its publication."
            : "This task has no pull request."
        }
      />
      {problem && (
        <p role="alert" className="m-0 break-words text-bad">
          {problem.message}
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button size="large" onClick={onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          kind="primary"
          size="large"
          busy={fork.isPending}
          icon={<GitFork aria-hidden="true" className="size-4" />}
        >
          Fork
        </Button>
      </div>
    </form>
  );
}

function Warning({ checkpoint, onto }: { checkpoint: CheckpointView; onto: boolean }) {
  const spent = checkpoint.spent_after_usd ?? 0;
  return (
    <div className="flex items-start gap-2 rounded-md bg-warn-soft p-3 text-warn">
      <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <p className="m-0">
        Model calls behind this checkpoint are made and paid again
        {spent > 0 ? `; they cost ${usd(spent)} the first time` : ""}. A new task results, with{" "}
        {onto ? "one more commit on the pull request of this one" : "a branch of its own"}; it asks for its
        own approval, and this task stays as it is.
      </p>
    </div>
  );
}
