/** What is typed into the fork form, as what is sent. */

import type { components } from "@/api/schema";

export interface ForkDraft {
  feedback: string;
  budget: string;
  iterations: string;
  /** Onto the pull request of the task. */
  onto: boolean;
}

const LONGEST = 4_000;

export function checkFork({ feedback, budget, iterations }: ForkDraft): Record<string, string> {
  const errors: Record<string, string> = {};
  if (feedback.length > LONGEST) errors.feedback = `At most ${LONGEST.toLocaleString("en")} characters`;
  if (budget.trim() !== "" && !(Number(budget) > 0)) errors.budget_usd = "An amount above 0";
  const rounds = Number(iterations);
  if (iterations.trim() !== "" && !(Number.isInteger(rounds) && rounds >= 1 && rounds <= 20)) {
    errors.max_iterations = "A whole number from 1 to 20";
  }
  return errors;
}

export function requestOf(draft: ForkDraft, checkpointId: string): components["schemas"]["ForkRequest"] {
  return {
    checkpoint_id: checkpointId,
    feedback: draft.feedback.trim(),
    budget_usd: draft.budget.trim() === "" ? null : Number(draft.budget),
    max_iterations: draft.iterations.trim() === "" ? null : Number(draft.iterations),
    continue_request: draft.onto,
  };
}
