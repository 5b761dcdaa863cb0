/** Answering one question: one act of a person is one decision, however often the button was pressed. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { answer, api, idempotencyKey } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { keys } from "@/api/queries";
import type { Action, Decision, Interrupt } from "@/api/types";
import { toast } from "@/ui/toast";
import { refusedWords } from "./words";

export type Word = Pick<Decision, "action"> & Partial<Pick<Decision, "message" | "budget_usd">>;

export interface Answering {
  send: (word: Word) => void;
  /** What is being sent. */
  busy: Action | null;
  /** The question as the service has it after the answer; still pending where more people have to agree. */
  taken: Interrupt | null;
  problem: Problem | null;
  forget: () => void;
}

interface Act {
  body: string;
  key: string;
}

export function useAnswer(question: Pick<Interrupt, "task_id" | "interrupt_id" | "digest">): Answering {
  const client = useQueryClient();
  const inFlight = useRef(false);
  /** An act whose answer was lost: said again it keeps its key. */
  const lost = useRef<Act | null>(null);
  const mutation = useMutation({
    mutationFn: ({ body, key }: Act) => post(question, body, key),
    onSuccess: () => {
      lost.current = null;
    },
    onError: (error, act) => {
      const problem = asProblem(error);
      lost.current = problem.passing ? act : null;
      if (problem.status !== 409) return;
      // The card may go before it could say so: its question is no longer in the list.
      if (!("digest" in problem.fields)) toast(refusedWords(problem), { bad: true });
      if (problem.winner === null) void client.invalidateQueries({ queryKey: keys.interrupts });
    },
    onSettled: () => {
      inFlight.current = false;
    },
  });
  const send = (word: Word) => {
    if (inFlight.current) return;
    inFlight.current = true;
    const body = JSON.stringify({ message: "", ...word, expected_digest: question.digest });
    mutation.mutate({ body, key: lost.current?.body === body ? lost.current.key : idempotencyKey() });
  };
  return {
    send,
    busy: mutation.isPending ? (JSON.parse(mutation.variables.body) as Decision).action : null,
    taken: mutation.data ?? null,
    problem: mutation.error ? asProblem(mutation.error) : null,
    forget: mutation.reset,
  };
}

function post(question: Pick<Interrupt, "task_id" | "interrupt_id">, body: string, key: string) {
  return answer(
    api.POST("/tasks/{task_id}/interrupts/{interrupt_id}/decision", {
      params: {
        path: { task_id: question.task_id, interrupt_id: question.interrupt_id },
        header: { "Idempotency-Key": key },
      },
      body: JSON.parse(body) as Decision,
    }),
  );
}
