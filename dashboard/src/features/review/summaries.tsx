import { roundTitle } from "@/blocks/rounds";
import { Card } from "@/ui/card";
import { Markdown } from "@/ui/markdown";
import type { Review } from "./derive";

/** What the reviewer wrote, newest round first. */
export function Summaries({ reviews }: { reviews: Review[] }) {
  const written = reviews.filter((review) => review.summary !== "").toReversed();
  if (written.length === 0) return null;
  return (
    <Card title="What the reviewer says">
      <div className="flex flex-col gap-4">
        {written.map((review) => (
          <div key={review.iteration} className="max-w-prose">
            <h3 className="m-0 mb-1 text-[13px] font-medium text-muted">{roundTitle(review.iteration)}</h3>
            <Markdown text={review.summary} />
          </div>
        ))}
      </div>
    </Card>
  );
}
