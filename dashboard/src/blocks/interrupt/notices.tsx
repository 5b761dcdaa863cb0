/** Why an answer was not taken, as the service said it. */

import { CircleAlert, RefreshCw, TriangleAlert } from "lucide-react";
import type { Problem } from "@/api/problem";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { Ago } from "@/ui/time";
import { refusedWords } from "./words";

export function Refused({ problem }: { problem: Problem }) {
  const { winner } = problem;
  return (
    <div
      role="alert"
      className="flex items-start gap-2 rounded-md border border-bad bg-bad-soft p-3 text-text"
    >
      <CircleAlert aria-hidden="true" className="mt-[3px] size-4 shrink-0 text-bad" />
      <div className="min-w-0 break-words">
        {inert(refusedWords(problem))}
        {winner?.decided_at != null && (
          <div className="text-muted">
            It was decided <Ago ts={winner.decided_at} />.
          </div>
        )}
      </div>
    </div>
  );
}

/** Nobody decides what they have not seen. */
export function Changed({ ready, onRenew }: { ready: boolean; onRenew: () => void }) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-2 rounded-md border border-warn bg-warn-soft p-3 text-warn"
    >
      <TriangleAlert aria-hidden="true" className="size-4 shrink-0" />
      <span className="min-w-0 flex-1">This question has changed since it was shown.</span>
      <Button busy={!ready} icon={<RefreshCw aria-hidden="true" className="size-3.5" />} onClick={onRenew}>
        Load it anew
      </Button>
    </div>
  );
}
