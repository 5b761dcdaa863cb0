import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { NewKey } from "@/api/types";
import { ROLES } from "@/blocks/role";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Select, TextField } from "@/ui/form";
import { ErrorPanel } from "@/ui/states";
import { EMPTY, errorsOf, type KeyDraft, requestOf } from "./key-draft";

interface Props {
  /** There is no key yet: this one has to be an admin's. */
  first: boolean;
  onClose: () => void;
  onMade: (key: NewKey) => void;
}

export function CreateKey({ first, onClose, onMade }: Props) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New key"
      note={
        first
          ? "The first key is an admin's. From then on nobody comes in without a key, this browser neither."
          : "Its secret is shown once, after it was made."
      }
    >
      <Form first={first} onClose={onClose} onMade={onMade} />
    </Dialog>
  );
}

function Form({ first, onClose, onMade }: Props) {
  const [draft, setDraft] = useState<KeyDraft>({ ...EMPTY, role: first ? "admin" : "operator" });
  const create = useMutation({
    mutationFn: (wanted: KeyDraft) => answer(api.POST("/keys", { body: requestOf(wanted) })),
    onSuccess: onMade,
  });
  const problem = create.error ? asProblem(create.error) : null;
  const errors = problem ? errorsOf(problem.errors) : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) create.mutate(draft);
  };
  const field = (name: keyof KeyDraft) => ({
    value: draft[name],
    error: errors[name],
    onChange: ({ target }: { target: { value: string } }) => setDraft({ ...draft, [name]: target.value }),
  });
  const number = (name: keyof KeyDraft, step: string) => ({
    ...field(name),
    type: "number",
    min: 0,
    step,
    placeholder: "no limit",
  });
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="Name"
        hint="Whose key it is; logs and the audit show it. Letters, digits and . _ @ -"
        required
        autoFocus
        maxLength={64}
        autoComplete="off"
        {...field("name")}
      />
      <Select
        label="Role"
        {...field("role")}
        hint={`May ${ROLES.find(({ role }) => role === draft.role)?.may}.`}
        disabled={first}
      >
        {ROLES.map(({ role }) => (
          <option key={role} value={role}>
            {role}
          </option>
        ))}
      </Select>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label="Expires after days" {...number("expires", "any")} placeholder="never" />
        <TextField label="Requests a minute" {...number("requests", "1")} />
        <TextField label="Tasks at once" {...number("tasks", "1")} />
        <TextField label="USD a day" {...number("budget", "any")} />
      </div>
      {problem && Object.keys(errors).length === 0 && <ErrorPanel problem={problem} />}
      <div className="flex justify-end gap-2">
        <Button size="large" onClick={onClose}>
          Cancel
        </Button>
        <Button kind="primary" size="large" type="submit" busy={create.isPending}>
          Make the key
        </Button>
      </div>
    </form>
  );
}
