/** What is being written, kept in this tab while the form is closed. */

import type { TaskSubmission } from "@/api/types";
import type { Options, Typed } from "./options";

export interface Draft {
  sentence: string;
  workflow: string;
  budget: string;
  iterations: string;
  sandbox: boolean;
  directory: string;
  options: Typed;
}

export const EMPTY: Draft = {
  sentence: "",
  workflow: "build",
  budget: "",
  iterations: "",
  sandbox: true,
  directory: "",
  options: {},
};
const NAME = "autonomy.newtask";

/** The draft that was left; a sentence that was asked for takes the place of the one in it. */
export function loadDraft(sentence: string): Draft {
  let kept: Partial<Draft> = {};
  try {
    kept = JSON.parse(sessionStorage.getItem(NAME) ?? "{}") as Partial<Draft>;
  } catch {
    // Storage may be denied, or hold what an older release wrote.
  }
  const draft = { ...EMPTY, ...kept };
  return sentence.trim() === "" ? draft : { ...draft, sentence };
}

export function saveDraft(draft: Draft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, JSON.stringify(draft));
  } catch {
    // The draft then lasts as long as the form is open.
  }
}

export type Errors = Record<string, string>;

/** What is wrong with the draft, by the names that the service has for its fields. */
export function checkDraft(draft: Draft, longest: number, options: Options): Errors {
  const errors: Errors = {};
  if (draft.sentence.trim() === "") errors.task_description = "Say in a sentence what is to be built";
  else if (draft.sentence.length > longest) {
    errors.task_description = `At most ${longest.toLocaleString("en")} characters`;
  }
  const budget = Number(draft.budget);
  if (draft.budget.trim() !== "" && !(budget > 0)) errors.budget_usd = "An amount above 0";
  const iterations = Number(draft.iterations);
  const whole = Number.isInteger(iterations) && iterations >= 1 && iterations <= 20;
  if (draft.iterations.trim() !== "" && !whole) errors.max_iterations = "A whole number from 1 to 20";
  for (const [path, message] of Object.entries(options.errors)) errors[`options.${path}`] = message;
  return errors;
}

/** What is sent: only what was said; the rest is the service's default. */
export function submissionOf(draft: Draft, options: Options): TaskSubmission {
  return {
    task_description: draft.sentence.trim(),
    workflow: draft.workflow,
    use_sandbox: draft.sandbox,
    ...(draft.budget.trim() === "" ? {} : { budget_usd: Number(draft.budget) }),
    ...(draft.iterations.trim() === "" ? {} : { max_iterations: Number(draft.iterations) }),
    ...(draft.directory.trim() === "" ? {} : { output_directory: draft.directory.trim() }),
    options: options.value as TaskSubmission["options"],
  };
}
