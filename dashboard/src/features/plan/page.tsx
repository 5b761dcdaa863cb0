import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Braces, NotebookText } from "lucide-react";
import { asProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { TaskPlan } from "@/api/types";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { Briefs } from "./briefs";
import { Operations } from "./operations";
import { Promises } from "./promises";
import { RawJson } from "./raw";
import { Schemas } from "./schemas";

export default function Page() {
  const { taskId } = useParams({ from: "/tasks/$taskId" });
  const query = useQuery(queries.plan(taskId));
  if (query.data === undefined && query.error && asProblem(query.error).status === 404) return <NoPlan />;
  return (
    <QueryPanel
      query={query}
      skeleton={<Skeleton lines={12} className="rounded-lg border border-line bg-surface p-4" />}
      isEmpty={(plan) => plan.title === "" && Object.keys(plan.openapi).length === 0}
      whenEmpty={<NoPlan />}
    >
      {(plan) => <Plan plan={plan} taskId={taskId} />}
    </QueryPanel>
  );
}

function NoPlan() {
  return (
    <Empty title="No plan yet" icon={<NotebookText aria-hidden="true" />}>
      The planner writes the contract first: what the API does, and which agent builds what. It is shown here
      as soon as it is there.
    </Empty>
  );
}

function Plan({ plan, taskId }: { plan: TaskPlan; taskId: string }) {
  return (
    <div className="@container">
      <div className="grid grid-cols-1 items-start gap-3 @5xl:grid-cols-[3fr_2fr]">
        <div className="flex min-w-0 flex-col gap-3">
          <Card title={inert(plan.title) || "Plan"}>
            <p className="m-0 max-w-prose break-words whitespace-pre-wrap">{inert(plan.summary)}</p>
            <Promises plan={plan} />
          </Card>
          <Operations openapi={plan.openapi} />
          <Schemas openapi={plan.openapi} />
        </div>
        <div className="flex min-w-0 flex-col gap-3">
          <Briefs briefs={plan.briefs ?? []} />
          <Card
            title={
              <span className="inline-flex items-center gap-1.5">
                <Braces aria-hidden="true" className="size-4 text-muted" />
                As JSON
              </span>
            }
          >
            <RawJson name="OpenAPI document" file={`${taskId}-openapi.json`} value={plan.openapi} />
            <RawJson name="Plan" file={`${taskId}-plan.json`} value={plan.plan} />
          </Card>
        </div>
      </div>
    </div>
  );
}
