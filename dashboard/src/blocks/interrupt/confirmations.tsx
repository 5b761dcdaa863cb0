/** What is said once more before work leaves or a task ends. */

import type { Interrupt } from "@/api/types";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { cx } from "@/ui/cx";
import { Confirm } from "@/ui/dialog";
import { grouped } from "./checks";
import { type Evidence, readEvidence, readStandstill } from "./payload";
import type { Word } from "./use-answer";

interface ConfirmWordProps {
  question: Interrupt;
  word: Word | null;
  busy: boolean;
  onClose: () => void;
  onConfirm: (word: Word) => void;
}

export function ConfirmWord({ question, word, busy, onClose, onConfirm }: ConfirmWordProps) {
  const approve = word?.action === "approve";
  const accept = approve && question.kind === "escalation";
  const evidence = readEvidence(question.payload);
  return (
    <Confirm
      open={word !== null}
      onOpenChange={(open) => !open && onClose()}
      title={approve ? (accept ? "Accept it as it is?" : "Approve and publish?") : "Abort this task?"}
      action={approve ? (accept ? "Accept" : "Approve") : "Abort task"}
      danger={!approve}
      busy={busy}
      onConfirm={() => word && onConfirm(word)}
    >
      <div className="flex flex-col gap-2">
        {approve ? (
          <Approval question={question} evidence={evidence} />
        ) : (
          <p className="m-0">Nothing is published. The task's files and history stay.</p>
        )}
        {word?.message && (
          <p className="m-0 break-words">
            {approve
              ? "What you wrote is kept with the approval, but nobody acts on it: "
              : "Kept as the reason: "}
            <q className="text-text">{inert(word.message)}</q>
          </p>
        )}
      </div>
    </Confirm>
  );
}

function Approval({ question, evidence }: { question: Interrupt; evidence: Evidence | null }) {
  const open = readStandstill(question.payload)?.open.length ?? 0;
  const weak = evidence?.checks.filter((check) => check.status !== "passed") ?? [];
  const more = question.needed - question.votes.length - 1;
  return (
    <>
      {evidence && (
        <p className="m-0 break-words">
          {plural(evidence.files, "file")} of <strong className="text-text">{inert(evidence.title)}</strong>{" "}
          go to branch <code className="break-all text-text">{inert(evidence.branch)}</code>
          {evidence.target?.onto ? " as one more commit." : " with a pull request."}
        </p>
      )}
      {open > 0 && <p className="m-0 text-bad">{plural(open, "finding")} still open.</p>}
      {grouped(weak).map(({ status, names }) => (
        <p key={names[0]} className={cx("m-0", status === "failed" ? "text-bad" : "text-warn")}>
          {status === "failed" ? "Failed" : "Not executed"}: {inert(names.join(", "))}.
        </p>
      ))}
      {more > 0 && (
        <p className="m-0">It counts when {plural(more, "more person", "more people")} approve.</p>
      )}
    </>
  );
}
