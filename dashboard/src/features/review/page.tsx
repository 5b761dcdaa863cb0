/** What the reviews of a task say: scores over the rounds, and findings. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ShieldCheck } from "lucide-react";
import { queries } from "@/api/queries";
import type { TaskReviews } from "@/api/types";
import { Card } from "@/ui/card";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { Findings } from "./findings";
import { Scores } from "./scores";
import { Summaries } from "./summaries";

export default function Page() {
  const { taskId } = useParams({ from: "/tasks/$taskId/review" });
  const query = useQuery(queries.reviews(taskId));
  return (
    <QueryPanel
      query={query}
      skeleton={<Loading />}
      isEmpty={({ iterations }) => iterations.length === 0}
      whenEmpty={
        <Card title="Review">
          <Empty title="Not reviewed yet" icon={<ShieldCheck aria-hidden="true" />}>
            The reviewer reads the files once all checks of a round pass. Scores and findings appear here.
          </Empty>
        </Card>
      }
    >
      {(reviews) => <Reviews taskId={taskId} reviews={reviews} />}
    </QueryPanel>
  );
}

function Reviews({ taskId, reviews }: { taskId: string; reviews: TaskReviews }) {
  const { iteration = null } = useSearch({ from: "/tasks/$taskId/review" });
  const navigate = useNavigate({ from: "/tasks/$taskId/review" });
  const { data: tree } = useQuery(queries.tree(taskId));
  const rounds = reviews.iterations;
  const known = rounds.some((round) => round.iteration === iteration) ? iteration : null;
  const newest = rounds.at(-1)?.iteration;
  return (
    <div className="flex flex-col gap-4">
      <Scores reviews={rounds} minimum={reviews.minimum_score} />
      <Findings
        taskId={taskId}
        reviews={rounds}
        iteration={known}
        commitOf={(round) =>
          round === newest ? undefined : tree?.versions.find((each) => each.iteration === round)?.commit
        }
        onIteration={(next) =>
          void navigate({ search: { iteration: next ?? undefined }, replace: true, resetScroll: false })
        }
      />
      <Summaries reviews={known === null ? rounds : rounds.filter((round) => round.iteration === known)} />
    </div>
  );
}

function Loading() {
  return (
    <div className="flex flex-col gap-4">
      <Card title="Scores">
        <Skeleton lines={4} />
      </Card>
      <Card title="Findings">
        <Skeleton lines={8} />
      </Card>
    </div>
  );
}
