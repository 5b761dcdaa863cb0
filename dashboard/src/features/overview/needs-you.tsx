import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { queries } from "@/api/queries";
import { QuestionList } from "@/blocks/interrupt/list";
import { Card } from "@/ui/card";
import { QueryPanel, Skeleton } from "@/ui/states";

const MOST = 5;

/** The questions that have waited longest; the rest stands in the inbox. */
export function NeedsYou() {
  const query = useQuery(queries.waiting());
  const count = query.data?.length ?? 0;
  return (
    <Card
      title={count > 0 ? `Needs you (${count})` : "Needs you"}
      actions={
        <Link to="/inbox" className="inline-flex min-h-7 items-center text-[13px] text-accent">
          {count > MOST ? `All ${count} in the inbox` : "Inbox"}
        </Link>
      }
    >
      <QueryPanel
        query={query}
        skeleton={<Skeleton lines={2} />}
        isEmpty={(questions) => questions.length === 0}
        whenEmpty={
          <p className="m-0 flex items-center gap-2 text-muted">
            <CircleCheck aria-hidden="true" className="size-4 text-ok" />
            Nothing waits for you.
          </p>
        }
      >
        {(questions) => (
          <QuestionList
            questions={questions.slice(0, MOST)}
            label="Questions that wait"
            level={3}
            opening={false}
            compact
          />
        )}
      </QueryPanel>
    </Card>
  );
}
