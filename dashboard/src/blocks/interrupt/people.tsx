/** How many have to agree and who has, and what happens when nobody answers. */

import { CalendarClock, Users } from "lucide-react";
import type { Interrupt } from "@/api/types";
import { inert } from "@/lib/text";
import { Ago } from "@/ui/time";
import { Line, Lines } from "./part";
import { bywhom, decidedWords } from "./words";

export function PeopleAndTime({ question }: { question: Interrupt }) {
  const { needed, votes, deadline_at, default_action } = question;
  if (needed <= 1 && deadline_at == null) return null;
  return (
    <Lines>
      {needed > 1 && (
        <Line icon={<Users aria-hidden="true" className="size-4 text-muted" />}>
          {votes.length} of {needed} people have approved; an approval counts when all {needed} have.
          {votes.map((vote) => (
            <div key={vote.person} className="text-muted">
              {decidedWords(vote)} by {inert(bywhom(vote.via, vote.name))}, <Ago ts={vote.ts} />
            </div>
          ))}
        </Line>
      )}
      {deadline_at != null && (
        <Line icon={<CalendarClock aria-hidden="true" className="size-4 text-warn" />}>
          Without an answer it is {default_action === "approve" ? "approved" : "aborted"}{" "}
          <Ago ts={deadline_at} />.
        </Line>
      )}
    </Lines>
  );
}
