/** What was checked in each round of a task. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { FlaskConical } from "lucide-react";
import { queries } from "@/api/queries";
import { RoundPicker } from "@/blocks/rounds";
import { Card } from "@/ui/card";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { Checks } from "./checks";
import { CoverageCard } from "./coverage";
import { type Round, roundOf } from "./derive";
import { Summary } from "./summary";
import { Trend } from "./trend";

export default function Page() {
  const { taskId } = useParams({ from: "/tasks/$taskId/tests" });
  const query = useQuery(queries.tests(taskId));
  return (
    <QueryPanel
      query={query}
      skeleton={<Loading />}
      isEmpty={({ iterations }) => iterations.length === 0}
      whenEmpty={
        <Card title="Tests">
          <Empty title="Nothing was checked yet" icon={<FlaskConical aria-hidden="true" />}>
            Once the first files are written, the checks and the tests of each round appear here as they end.
          </Empty>
        </Card>
      }
    >
      {({ iterations }) => <Rounds taskId={taskId} rounds={iterations} />}
    </QueryPanel>
  );
}

function Rounds({ taskId, rounds }: { taskId: string; rounds: Round[] }) {
  const { iteration } = useSearch({ from: "/tasks/$taskId/tests" });
  const navigate = useNavigate({ from: "/tasks/$taskId/tests" });
  const { data: tree } = useQuery(queries.tree(taskId));
  const round = roundOf(rounds, iteration);
  if (round === undefined) return null;
  const newest = round === rounds.at(-1);
  const commit = newest
    ? undefined
    : tree?.versions.find((version) => version.iteration === round.iteration)?.commit;
  return (
    <div className="@container flex flex-col gap-4">
      <Card
        title="Tests"
        actions={
          rounds.length > 1 && (
            <RoundPicker
              rounds={rounds.map((each) => each.iteration)}
              value={round.iteration}
              onChange={(next) =>
                void navigate({ search: { iteration: next ?? undefined }, replace: true, resetScroll: false })
              }
            />
          )
        }
      >
        <Summary round={round} />
      </Card>
      <div className="grid gap-4 @5xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <Checks taskId={taskId} round={round} commit={commit} />
        <div className="flex min-w-0 flex-col gap-4">
          {round.coverage && <CoverageCard coverage={round.coverage} />}
          {rounds.length > 1 && <Trend rounds={rounds} />}
        </div>
      </div>
    </div>
  );
}

function Loading() {
  return (
    <div className="flex flex-col gap-4">
      <Card title="Tests">
        <Skeleton lines={2} />
      </Card>
      <Card title="Checks">
        <Skeleton lines={12} />
      </Card>
    </div>
  );
}
