import type { ListedInterrupt } from "@/api/types";
import { inert } from "@/lib/text";
import { cx } from "@/ui/cx";
import { Ago } from "@/ui/time";
import { KindBadge } from "./kind";
import { DecidedBy, DecisionBadge } from "./outcome";
import { splitPrompt } from "./words";

/** A question in two lines: what it is about, and the rest of it. `brief` cuts it off. */
export function QuestionLine({ question, brief }: { question: ListedInterrupt; brief: boolean }) {
  const [first, rest] = splitPrompt(inert(question.prompt));
  return (
    <span className="flex min-w-0 flex-1 flex-col gap-0.5">
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <KindBadge kind={question.kind} />
        {question.status !== "pending" && <DecisionBadge question={question} />}
        <span className="min-w-0 font-semibold break-words">{first}</span>
        <span className="text-xs font-normal text-muted">
          {question.status === "pending" ? (
            <>
              asked <Ago ts={question.created_at} />
            </>
          ) : (
            <DecidedBy question={question} />
          )}
        </span>
      </span>
      {rest && (
        <span className={cx("font-normal break-words text-muted", brief && "line-clamp-1")}>{rest}</span>
      )}
    </span>
  );
}
