import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { FindingList } from "@/blocks/findings";
import { RoundPicker, roundTitle } from "@/blocks/rounds";
import { Card } from "@/ui/card";
import { Segmented } from "@/ui/segmented";
import { Empty } from "@/ui/states";
import { findings, type Review, type Seen } from "./derive";

type Show = "all" | "open" | "resolved";

/** What reviews found; of all rounds or one, open or resolved. */
export function Findings({
  taskId,
  reviews,
  iteration,
  commitOf,
  onIteration,
}: {
  taskId: string;
  reviews: Review[];
  iteration: number | null;
  commitOf: (round: number) => string | undefined;
  onIteration: (round: number | null) => void;
}) {
  const [show, setShow] = useState<Show>("all");
  const all = findings(reviews, iteration);
  const open = all.filter((each) => each.open);
  const shown = show === "all" ? all : show === "open" ? open : all.filter((each) => !each.open);
  return (
    <Card
      title="Findings"
      actions={
        <>
          {reviews.length > 1 && (
            <RoundPicker
              rounds={reviews.map((review) => review.iteration)}
              value={iteration}
              all="All rounds"
              onChange={onIteration}
            />
          )}
          <Segmented<Show>
            label="Which findings"
            value={show}
            options={[
              { value: "all", label: `All ${all.length}` },
              { value: "open", label: `Open ${open.length}` },
              { value: "resolved", label: `Resolved ${all.length - open.length}` },
            ]}
            onChange={setShow}
          />
        </>
      }
    >
      {shown.length === 0 ? (
        <Empty
          title={nothing(show, all.length)}
          icon={<CircleCheck aria-hidden="true" className="text-ok" />}
        />
      ) : (
        <FindingList
          taskId={taskId}
          label="Findings of reviews"
          findings={shown.map((each) => ({
            finding: each.finding,
            open: each.open,
            note: when(each),
            commit: commitOf(each.last),
          }))}
        />
      )}
    </Card>
  );
}

function nothing(show: Show, all: number): string {
  if (all === 0) return "The reviewer found nothing";
  return show === "open" ? "Everything that was found is resolved" : "Nothing was resolved yet";
}

function when({ since, last, open }: Seen): string {
  if (open) return `since ${roundTitle(since).toLowerCase()}`;
  return since === last
    ? `in ${roundTitle(since).toLowerCase()} only`
    : `${roundTitle(since)} to ${roundTitle(last).toLowerCase()}`;
}
