/** What became of a question: what was decided, by whom and when. */

import { Ban, CircleCheck, CircleDollarSign, PencilLine, RotateCcw } from "lucide-react";
import type { Action, ListedInterrupt } from "@/api/types";
import { inert } from "@/lib/text";
import { Badge, type Tone } from "@/ui/badge";
import { Ago } from "@/ui/time";
import { bywhom, decidedWords } from "./words";

const LOOKS: Record<Action, { tone: Tone; Icon: typeof Ban }> = {
  approve: { tone: "ok", Icon: CircleCheck },
  changes: { tone: "info", Icon: PencilLine },
  raise_budget: { tone: "info", Icon: CircleDollarSign },
  retry: { tone: "info", Icon: RotateCcw },
  abort: { tone: "bad", Icon: Ban },
};

type Answered = Pick<ListedInterrupt, "status" | "decision" | "decided_at" | "decided_by" | "decided_via">;

export function DecisionBadge({ question }: { question: Answered }) {
  const { decision } = question;
  if (!decision) {
    return <Badge icon={<Ban aria-hidden="true" className="size-3.5" />}>Closed</Badge>;
  }
  const { tone, Icon } = LOOKS[decision.action] ?? { tone: "neutral" as const, Icon: CircleCheck };
  return (
    <Badge tone={tone} icon={<Icon aria-hidden="true" className="size-3.5" />}>
      {decidedWords(decision)}
    </Badge>
  );
}

/** `by ada via Telegram, 3 min ago`. */
export function DecidedBy({ question }: { question: Omit<Answered, "status" | "decision"> }) {
  return (
    <span className="text-muted">
      by {inert(bywhom(question.decided_via, question.decided_by))}
      {question.decided_at != null && (
        <>
          , <Ago ts={question.decided_at} />
        </>
      )}
    </span>
  );
}

export function Outcome({ question }: { question: Answered }) {
  const message = question.decision?.message ?? "";
  return (
    <div role="status" className="flex flex-col gap-1.5 rounded-md bg-sunken p-3">
      <div className="flex flex-wrap items-center gap-2">
        <DecisionBadge question={question} />
        {question.decision ? (
          <DecidedBy question={question} />
        ) : (
          <span className="text-muted">The task is over; this question needs no answer.</span>
        )}
      </div>
      {message && <q className="break-words whitespace-pre-wrap">{inert(message)}</q>}
    </div>
  );
}
