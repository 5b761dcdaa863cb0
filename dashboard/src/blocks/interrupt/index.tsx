/** One question to a person: what is asked, what speaks for it, and the answers. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Interrupt, ListedInterrupt } from "@/api/types";
import { inert } from "@/lib/text";
import { useEvents } from "@/live";
import { QueryPanel, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Answers } from "./answers";
import { Digest } from "./digest";
import { EvidenceView } from "./evidence";
import { QuestionLine } from "./heading";
import { Changed, Refused } from "./notices";
import { Outcome } from "./outcome";
import { More, PartLevel } from "./part";
import { type Evidence, readEvidence, readStandstill, readTrouble } from "./payload";
import { PeopleAndTime } from "./people";
import { RawPayload } from "./raw";
import { StandstillView, TroubleView } from "./trouble";
import { useAnswer } from "./use-answer";
import { useShown, useWhole } from "./use-shown";
import { bywhom, decidedWords, splitPrompt } from "./words";

interface PanelProps {
  interrupt: ListedInterrupt | Interrupt;
  /** The evidence is folded away behind one line of it. */
  compact?: boolean;
  /** Whether `a` and `r` act on this panel wherever the focus is; they do when it is inside in any case. */
  shortcuts?: boolean;
}

/** A question as a panel of its own. */
export function InterruptPanel({ interrupt, compact, shortcuts }: PanelProps) {
  return (
    <section className="min-w-0 rounded-lg border border-line bg-surface shadow-card">
      <h2 className="m-0 border-b border-line px-4 py-3 text-sm">
        <QuestionLine question={interrupt} brief={false} />
      </h2>
      <div className="p-4">
        <InterruptBody interrupt={interrupt} compact={compact} shortcuts={shortcuts} />
      </div>
    </section>
  );
}

/** What is below the heading of a question. `level` is that of its own small headings. */
export function InterruptBody({
  interrupt,
  compact,
  shortcuts = false,
  level = 3,
  link,
}: PanelProps & { level?: 3 | 4; link?: boolean }) {
  const query = useWhole(interrupt);
  const [within, setWithin] = useState(false);
  return (
    <div
      role="group"
      aria-label="Question"
      className="@container min-w-0"
      onFocus={() => setWithin(true)}
      onBlur={(event) => setWithin(event.currentTarget.contains(event.relatedTarget))}
    >
      <PartLevel value={level}>
        <QueryPanel query={query} skeleton={<Skeleton lines={10} />}>
          {(question) => (
            <Asked question={question} compact={compact} shortcuts={shortcuts || within} link={link} />
          )}
        </QueryPanel>
      </PartLevel>
    </div>
  );
}

interface AskedProps {
  question: Interrupt;
  compact?: boolean;
  shortcuts: boolean;
  link?: boolean;
}

function Asked({ question, compact, shortcuts, link }: AskedProps) {
  const { shown, changed, renew } = useShown(question);
  const answering = useAnswer(shown);
  const told = useTold(shown, answering.taken !== null || answering.busy !== null);
  const answered = [shown, answering.taken, told].find((each) => each && each.status !== "pending");
  const stale = changed || (answering.problem?.status === 409 && "digest" in answering.problem.fields);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {link && (
        <Link
          to="/tasks/$taskId"
          params={{ taskId: shown.task_id }}
          className="self-start text-accent underline underline-offset-2"
        >
          Open the task
        </Link>
      )}
      <Shown question={shown} compact={compact} />
      <div className="-mx-4 -mb-4 flex min-w-0 flex-col gap-3 border-t border-line bg-surface px-4 py-3 rounded-b-lg tall:group-data-aside/questions:xl:sticky tall:group-data-aside/questions:xl:bottom-0">
        {!answered && <PeopleAndTime question={shown} />}
        {answered ? (
          <Outcome question={answered} />
        ) : answering.problem?.winner ? (
          <Refused problem={answering.problem} />
        ) : stale ? (
          <Changed
            ready={changed}
            onRenew={() => {
              renew();
              answering.forget();
            }}
          />
        ) : (
          <Answers question={shown} answering={answering} shortcuts={shortcuts} />
        )}
      </div>
    </div>
  );
}

function Shown({ question, compact }: { question: Interrupt; compact?: boolean }) {
  const { payload, task_id } = question;
  const evidence = readEvidence(payload);
  const standstill = readStandstill(payload);
  const trouble = evidence ? null : readTrouble(payload);
  const known = evidence !== null || standstill !== null || trouble !== null;
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {standstill && <StandstillView standstill={standstill} taskId={task_id} />}
      {trouble && <TroubleView trouble={trouble} />}
      {evidence && <Work question={question} evidence={evidence} folded={compact || standstill !== null} />}
      <RawPayload payload={payload} open={!known} />
    </div>
  );
}

function Work({ question, evidence, folded }: { question: Interrupt; evidence: Evidence; folded: boolean }) {
  if (!folded) return <EvidenceView question={question} evidence={evidence} />;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <Digest evidence={evidence} />
      <More summary="Show all that was checked, and what happens">
        <EvidenceView question={question} evidence={evidence} />
      </More>
    </div>
  );
}

/** What the stream says became of this question, before the list is fetched anew. */
function useTold(question: Interrupt, mine: boolean): Interrupt | null {
  const [told, setTold] = useState<Interrupt | null>(null);
  useEvents((events) => {
    for (const { event, ts } of events) {
      if (event.type !== "interrupt.decided" || event.interrupt_id !== question.interrupt_id) continue;
      const decision = { action: event.action, message: event.message };
      setTold({
        ...question,
        status: "decided",
        decision,
        decided_at: ts,
        decided_by: event.by,
        decided_via: event.via,
      });
      const who = mine ? "" : ` by ${bywhom(event.via, event.by)}`;
      toast(`${decidedWords(decision)}${who}: ${splitPrompt(inert(question.prompt))[0]}`);
    }
  });
  return told;
}
