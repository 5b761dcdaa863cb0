import { cx } from "@/ui/cx";
import type { TreeFile } from "./tree";

const LOOKS: Record<
  Exclude<TreeFile["status"], "unchanged">,
  { letter: string; word: string; tone: string }
> = {
  added: { letter: "A", word: "added", tone: "bg-ok-soft text-ok" },
  modified: { letter: "M", word: "modified", tone: "bg-info-soft text-info" },
  deleted: { letter: "D", word: "deleted", tone: "bg-bad-soft text-bad" },
};

/** A, M or D; the word on hover and for screen readers. */
export function FileStatus({ status }: { status: TreeFile["status"] }) {
  if (status === "unchanged") return null;
  const { letter, word, tone } = LOOKS[status];
  return (
    <span
      title={word}
      className={cx(
        "inline-flex size-4.5 shrink-0 items-center justify-center rounded text-[11px] font-semibold",
        tone,
      )}
    >
      <span aria-hidden="true">{letter}</span>
      <span className="sr-only">{word}</span>
    </span>
  );
}

/** Lines added and taken away, signed. */
export function LineCounts({ additions, deletions }: { additions: number; deletions: number }) {
  return (
    <span className="inline-flex gap-1.5 text-xs whitespace-nowrap tabular-nums">
      <span className="text-ok">
        <span aria-hidden="true">+{additions}</span>
        <span className="sr-only">{additions} added, </span>
      </span>
      <span className="text-bad">
        <span aria-hidden="true">−{deletions}</span>
        <span className="sr-only">{deletions} deleted</span>
      </span>
    </span>
  );
}
