/** What can be answered to a question: the buttons, the words, the amount. */

import { useQuery } from "@tanstack/react-query";
import { Ban, Check, PencilLine, RotateCcw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { queries } from "@/api/queries";
import type { Interrupt } from "@/api/types";
import { useShortcut } from "@/lib/shortcuts";
import { Button } from "@/ui/button";
import { TextArea } from "@/ui/form";
import { RaiseForm } from "./budget";
import { ConfirmWord } from "./confirmations";
import { Refused } from "./notices";
import { More } from "./part";
import { readTrouble } from "./payload";
import { Reading } from "./reading";
import type { Answering, Word } from "./use-answer";
import { useDraft } from "./use-draft";
import { allowedActions } from "./words";

interface AnswersProps {
  question: Interrupt;
  answering: Answering;
  /** Whether `a` and `r` are this panel's. */
  shortcuts: boolean;
}

export function Answers({ question, answering, shortcuts }: AnswersProps) {
  const { data: who } = useQuery(queries.whoami());
  const [words, setWords] = useDraft(question.interrupt_id);
  const [asked, setAsked] = useState<Word | null>(null);
  const [missing, setMissing] = useState(false);
  const [wordsOpen, setWordsOpen] = useState(words !== "");
  const field = useRef<HTMLDivElement>(null);
  const { busy, problem, taken, send } = answering;
  const allowed = allowedActions(question);
  const money = allowed.includes("raise_budget") ? readTrouble(question.payload) : null;
  const message = words.trim();

  useEffect(() => {
    if (busy === null) setAsked(null);
  }, [busy]);
  useEffect(() => {
    if (taken) setWords("");
  }, [taken, setWords]);

  const write = () => {
    setWordsOpen(true);
    setTimeout(() => field.current?.querySelector("textarea")?.focus());
  };
  const say = (word: Word) => {
    if (word.action === "changes" && !word.message?.trim()) {
      setMissing(true);
      write();
    } else if (word.action === "approve" || word.action === "abort") setAsked(word);
    else send(word);
  };
  useShortcut(
    "a",
    "Approve",
    () => say({ action: "approve", message }),
    shortcuts && allowed.includes("approve"),
  );
  useShortcut("r", "Ask for changes or write an answer", write, shortcuts);

  if (who && who.role !== "approver" && who.role !== "admin") {
    return <p className="m-0 text-muted">Your key may look at questions, but not answer them.</p>;
  }
  const writing = (
    <div ref={field} className="flex max-w-3xl flex-col gap-2">
      <TextArea
        label={allowed.includes("changes") ? "Your feedback" : "In your own words"}
        hint={hintOf(allowed)}
        error={missing && message === "" ? "Say what should change." : fieldError(problem, "message")}
        maxLength={4_000}
        rows={3}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <Reading question={question} words={words} busy={busy !== null} onSend={say} />
    </div>
  );
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {money && (
        <RaiseForm
          trouble={money}
          busy={busy === "raise_budget"}
          fieldError={fieldError(problem, "budget_usd")}
          onRaise={(budget_usd) => say({ action: "raise_budget", budget_usd, message })}
        />
      )}
      {allowed.includes("changes") && writing}
      {problem && problem.errors.length === 0 && <Refused problem={problem} />}
      {taken?.status === "pending" && (
        <p role="status" className="m-0 text-ok">
          Your approval is counted: {taken.votes.length} of {taken.needed}.
        </p>
      )}
      <Buttons question={question} allowed={allowed} busy={busy} message={message} onSay={say} />
      {!allowed.includes("changes") && (
        <More summary="Answer in your own words" open={wordsOpen} onToggle={setWordsOpen}>
          {writing}
        </More>
      )}
      <ConfirmWord
        question={question}
        word={asked}
        busy={busy !== null}
        onClose={() => busy === null && setAsked(null)}
        onConfirm={send}
      />
    </div>
  );
}

const fieldError = (problem: Answering["problem"], name: string) =>
  problem?.errors.find((each) => each.field.endsWith(name))?.message ?? null;

function hintOf(allowed: string[]): string {
  if (allowed.includes("changes")) {
    return allowed.includes("retry") ? "A hint for the retry, or what should change." : "What should change.";
  }
  return allowed.includes("raise_budget") ? "For example: give it another dollar." : "";
}

function Buttons({
  question,
  allowed,
  busy,
  message,
  onSay,
}: {
  question: Interrupt;
  allowed: string[];
  busy: Answering["busy"];
  message: string;
  onSay: (word: Word) => void;
}) {
  const escalation = question.kind === "escalation";
  const offered = [
    {
      action: "retry" as const,
      label:
        question.kind === "budget" ? "Go on with this budget" : message ? "Retry with this hint" : "Retry",
      Icon: RotateCcw,
      kind: escalation ? ("primary" as const) : ("secondary" as const),
    },
    {
      action: "approve" as const,
      label: escalation ? "Accept as it is" : "Approve",
      Icon: Check,
      kind: escalation ? ("secondary" as const) : ("primary" as const),
    },
    { action: "changes" as const, label: "Ask for changes", Icon: PencilLine, kind: "secondary" as const },
    { action: "abort" as const, label: "Abort", Icon: Ban, kind: "danger" as const },
  ].filter((each) => allowed.includes(each.action));
  return (
    <div className="flex flex-wrap gap-2">
      {offered.map(({ action, label, Icon, kind }) => (
        <Button
          key={action}
          kind={kind}
          size="large"
          className="max-sm:flex-1"
          icon={<Icon aria-hidden="true" className="size-4" />}
          busy={busy === action}
          disabled={busy !== null && busy !== action}
          onClick={() => onSay({ action, message })}
        >
          {label}
        </Button>
      ))}
    </div>
  );
}
