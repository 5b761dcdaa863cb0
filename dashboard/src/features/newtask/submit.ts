import { useMutation } from "@tanstack/react-query";
import { useActKey } from "@/api/act";
import { answer, api } from "@/api/client";
import type { Problem } from "@/api/problem";
import type { Task, TaskSubmission } from "@/api/types";
import { duration } from "@/lib/format";
import type { Errors } from "./draft";

/** Submits; the same submission tried again (after a lost answer) is the same task. */
export function useSubmit(onDone: (task: Task) => void) {
  const keyOf = useActKey();
  return useMutation({
    mutationFn: (submission: TaskSubmission) =>
      answer(
        api.POST("/tasks", {
          params: { header: { "Idempotency-Key": keyOf(submission) } },
          body: submission,
        }),
      ),
    onSuccess: onDone,
  });
}

/** What the service objected to, by field. */
export function fieldErrors(problem: Problem): Errors {
  const errors: Errors = {};
  const { field } = problem.fields;
  if (typeof field === "string") errors[field] = problem.message;
  for (const { field: name, message } of problem.errors) errors[name] = message;
  return errors;
}

/** The refusal in a sentence; for a full queue, when to come back. */
export function refusal(problem: Problem): string {
  const wait = problem.fields.retry_after_s;
  if (problem.status !== 429 || typeof wait !== "number") return problem.message;
  return `${problem.message}. Try again in ${duration(Math.max(1, Math.ceil(wait)))}.`;
}
