/** What is different from the last time that this task was asked about. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { queries } from "@/api/queries";
import type { Interrupt, ListedInterrupt } from "@/api/types";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Ago } from "@/ui/time";
import { tally } from "./checks";
import { Part } from "./part";
import { type Evidence, readEvidence } from "./payload";
import { decidedWords } from "./words";

/** The last answer to a question with work in it, before this one. */
export function lastAnswer(answers: ListedInterrupt[], question: Interrupt): ListedInterrupt | null {
  const earlier = answers.filter(
    (each) =>
      each.task_id === question.task_id &&
      each.interrupt_id !== question.interrupt_id &&
      each.created_at < question.created_at &&
      each.decision != null &&
      readEvidence(each.payload ?? {}) !== null,
  );
  return earlier.sort((a, b) => b.created_at - a.created_at)[0] ?? null;
}

/** `49 to 52 files`, `checks: 1 failed, 8 passed to 9 passed`. */
export function differences(before: Evidence, after: Evidence): string[] {
  const [was, is] = [tally(before.checks), tally(after.checks)];
  return [
    before.files === after.files ? "" : `${before.files} to ${plural(after.files, "file")}`,
    before.additions === after.additions
      ? ""
      : `${before.additions.toLocaleString("en")} to ${plural(after.additions, "line")}`,
    was === is ? "" : `checks: ${was}, now ${is}`,
  ].filter(Boolean);
}

export function SinceLast({ question, evidence }: { question: Interrupt; evidence: Evidence }) {
  const asked = evidence.iteration > 0;
  const { data } = useQuery({
    ...queries.interrupts({ task_id: question.task_id, status: "decided", sort: "newest" }),
    enabled: asked,
  });
  const last = data ? lastAnswer(data, question) : null;
  const before = last && readEvidence(last.payload ?? {});
  if (!last?.decision || !before) return null;
  const changes = differences(before, evidence);
  return (
    <Part title="Since your last answer">
      <p className="m-0 break-words">
        {decidedWords(last.decision)}
        {last.decided_at != null && (
          <span className="text-muted">
            {" "}
            <Ago ts={last.decided_at} />
          </span>
        )}
        {last.decision.message && <q className="ml-1">{inert(last.decision.message)}</q>}
      </p>
      <p className="m-0">
        {before.head === evidence.head ? (
          <span className="text-warn">No file has changed since.</span>
        ) : (
          <>
            {changes.length > 0 && <span className="text-muted">{changes.join("; ")}. </span>}
            <Link
              to="/tasks/$taskId/files"
              params={{ taskId: question.task_id }}
              search={{ base: before.head, ref: evidence.head }}
              className="text-accent underline underline-offset-2"
            >
              See what changed
            </Link>
          </>
        )}
      </p>
    </Part>
  );
}
