/** A reply in a person's own words, and how it is read before it is sent. */

import { useMutation } from "@tanstack/react-query";
import { ScanText } from "lucide-react";
import { useState } from "react";
import { answer, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Decision, Interrupt } from "@/api/types";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { readingWords } from "./words";

interface ReadingProps {
  question: Interrupt;
  words: string;
  busy: boolean;
  onSend: (decision: Decision) => void;
}

/** What was read belongs to the words that were read: other words have to be read again. */
export function Reading({ question, words, busy, onSend }: ReadingProps) {
  const [readWords, setReadWords] = useState("");
  const reading = useMutation({
    mutationFn: (message: string) =>
      answer(
        api.POST("/tasks/{task_id}/interrupts/{interrupt_id}/reading", {
          params: { path: { task_id: question.task_id, interrupt_id: question.interrupt_id } },
          body: { message },
        }),
      ),
  });
  const current = readWords === words && words !== "";
  const read = () => {
    if (reading.isPending) return;
    setReadWords(words);
    reading.mutate(words);
  };
  return (
    <div className="flex flex-col items-start gap-2">
      <Button
        size="small"
        disabled={words.trim() === ""}
        busy={reading.isPending}
        icon={<ScanText aria-hidden="true" className="size-3.5" />}
        onClick={read}
        title="The orchestrator's model reads your words; nothing is decided yet"
      >
        Show how this is read
      </Button>
      <div role="status" className="w-full empty:hidden">
        {current && reading.error && (
          <p className="m-0 text-bad">{inert(asProblem(reading.error).message)}</p>
        )}
        {current && reading.data && (
          <Read decision={reading.data} question={question} busy={busy} onSend={onSend} />
        )}
      </div>
    </div>
  );
}

function Read({ decision, question, busy, onSend }: Omit<ReadingProps, "words"> & { decision: Decision }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 rounded-md border border-line bg-sunken p-3">
      <div className="min-w-0">
        <div>
          <span className="text-muted">Read as:</span> <strong>{readingWords(decision, question)}</strong>
        </div>
        {decision.message && <q className="break-words whitespace-pre-wrap">{inert(decision.message)}</q>}
      </div>
      <Button kind="primary" size="large" busy={busy} onClick={() => onSend(decision)}>
        Send this answer
      </Button>
    </div>
  );
}
