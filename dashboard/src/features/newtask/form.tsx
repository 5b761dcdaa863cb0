import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CircleAlert, Rocket } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { asProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { Task } from "@/api/types";
import { usd } from "@/lib/format";
import { Button } from "@/ui/button";
import { Select } from "@/ui/form";
import { Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { useDefaults } from "./defaults";
import { checkDraft, type Draft, type Errors, loadDraft, saveDraft, submissionOf } from "./draft";
import { Limits } from "./limits";
import { OptionFields } from "./option-fields";
import { optionsOf } from "./options";
import { optionFields } from "./schema";
import { Sentence } from "./sentence";
import { fieldErrors, refusal, useSubmit } from "./submit";

export function NewTaskForm({ sentence, onClose }: { sentence: string; onClose: () => void }) {
  const navigate = useNavigate();
  const defaults = useDefaults();
  const form = useRef<HTMLFormElement>(null);
  const [draft, change] = useDraft(sentence);
  const [objections, setObjections] = useState<Errors>({});
  const workflows = useQuery(queries.workflows());
  const workflow = workflows.data?.find(({ name }) => name === draft.workflow);
  const fields = useMemo(() => optionFields(workflow?.options_schema ?? {}), [workflow]);
  const submit = useSubmit((task) => {
    saveDraft(null);
    onClose();
    toast(submitted(task));
    void navigate({ to: "/tasks/$taskId", params: { taskId: task.task_id } });
  });
  const problem = submit.error ? asProblem(submit.error) : null;
  const errors = { ...(problem ? fieldErrors(problem) : {}), ...objections };

  const send = (event: FormEvent) => {
    event.preventDefault();
    if (submit.isPending) return;
    const options = optionsOf(fields, draft.options);
    const wrong = checkDraft(draft, defaults.longest, options);
    setObjections(wrong);
    if (Object.keys(wrong).length > 0) focusFirst(form.current);
    else submit.mutate(submissionOf(draft, options), { onError: () => focusFirst(form.current) });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.current?.requestSubmit();
    }
  };
  const set = (part: Partial<Draft>) => {
    change(part);
    setObjections({});
    if (submit.isError) submit.reset();
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={send}
      onKeyDown={onKeyDown}
      className="flex min-h-full flex-col gap-4"
    >
      <Sentence
        value={draft.sentence}
        longest={defaults.longest}
        error={errors.task_description}
        onChange={(text) => set({ sentence: text })}
      />
      <Select
        label="Workflow"
        hint={workflow?.title}
        error={errors.workflow}
        value={draft.workflow}
        onChange={({ target }) => set({ workflow: target.value, options: {} })}
      >
        {!workflow && <option>{draft.workflow}</option>}
        {workflows.data?.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </Select>
      {workflows.isPending && <Skeleton lines={1} />}
      <OptionFields
        fields={fields}
        typed={draft.options}
        errors={errors}
        onChange={(path, value) => set({ options: { ...draft.options, [path]: value } })}
      />
      <Limits draft={draft} defaults={defaults} errors={errors} onChange={set} />
      <div className="sticky -bottom-4 -mx-4 mt-auto -mb-4 flex flex-col gap-2 border-t border-line bg-raised px-4 py-3">
        {problem && <Refused text={refusal(problem)} requestId={problem.requestId} />}
        <div className="flex flex-wrap items-center justify-between gap-2">
          <span className="text-xs text-muted">
            <CostHint offline={defaults.offline} budget={Number(draft.budget) || defaults.budget} />
          </span>
          <Button
            type="submit"
            kind="primary"
            size="large"
            busy={submit.isPending}
            title="Ctrl or Cmd with Enter"
            icon={<Rocket aria-hidden="true" className="size-4" />}
          >
            Start task
          </Button>
        </div>
      </div>
    </form>
  );
}

/** The draft, written down with each change. */
function useDraft(sentence: string): [Draft, (part: Partial<Draft>) => void] {
  const [draft, setDraft] = useState(() => loadDraft(sentence));
  const dirty = useRef(false);
  useEffect(() => {
    if (dirty.current) saveDraft(draft);
  }, [draft]);
  return [
    draft,
    (part) => {
      dirty.current = true;
      setDraft((before) => ({ ...before, ...part }));
    },
  ];
}

/** The first field with something wrong gets the focus, once it is marked. */
function focusFirst(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

function submitted(task: Task): string {
  const expected = task.forecast?.usd;
  return expected && expected.high > 0
    ? `Task started; expected to cost ${usd(expected.low)} to ${usd(expected.high)}`
    : "Task started";
}

function CostHint({ offline, budget }: { offline: boolean | null; budget: number }) {
  if (offline) return "Offline: the built-in model answers, and calls cost nothing.";
  return `Asks you before it spends more than ${usd(budget)}.`;
}

function Refused({ text, requestId }: { text: string; requestId: string }) {
  return (
    <div role="alert" className="flex items-start gap-2 text-bad">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 break-words">
        {text}
        {requestId && <span className="block text-xs text-muted">request {requestId}</span>}
      </div>
    </div>
  );
}
