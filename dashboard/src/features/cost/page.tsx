/** What a task cost: over time against its budget, by agent, model and round. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Coins } from "lucide-react";
import { lazy, type ReactNode, Suspense } from "react";
import { queries } from "@/api/queries";
import type { TaskCosts } from "@/api/types";
import { roundTitle } from "@/blocks/rounds";
import { agentTitle, usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { cx } from "@/ui/cx";
import { Empty, PanelBoundary, QueryPanel, Skeleton } from "@/ui/states";
import { grouped, measureOf } from "./derive";
import { Groups } from "./groups";
import { Summary } from "./summary";

const Spending = lazy(() => import("./charts").then(({ Spending }) => ({ default: Spending })));
const Rounds = lazy(() => import("./charts").then(({ Rounds }) => ({ default: Rounds })));

export default function Page() {
  const { taskId } = useParams({ from: "/tasks/$taskId/cost" });
  const query = useQuery(queries.costs(taskId));
  return (
    <QueryPanel
      query={query}
      skeleton={<Loading />}
      isEmpty={({ shares }) => shares.length === 0}
      whenEmpty={
        <Card title="Cost">
          <Empty title="No model was called yet" icon={<Coins aria-hidden="true" />}>
            Every call of a model is counted here with its tokens and its price, against the budget of the
            task.
          </Empty>
        </Card>
      }
    >
      {(costs) => <Costs costs={costs} />}
    </QueryPanel>
  );
}

function Costs({ costs }: { costs: TaskCosts }) {
  const measure = measureOf(costs);
  return (
    <div className="@container flex flex-col gap-4">
      <Card title="Cost">
        <Summary costs={costs} measure={measure} />
      </Card>
      <div className={cx("grid gap-4", measure === "usd" && "@4xl:grid-cols-2")}>
        {measure === "usd" && (
          <Card title={`Spent over time, against ${usd(costs.budget_usd)}`}>
            <Chart>
              <Spending costs={costs} />
            </Chart>
          </Card>
        )}
        <Card title={measure === "usd" ? "Cost by round" : "Tokens by round"}>
          <Chart>
            <Rounds costs={costs} measure={measure} />
          </Chart>
        </Card>
      </div>
      <Groups
        title="By agent"
        first="Agent"
        measure={measure}
        groups={grouped(costs.shares, "agent", measure)}
        name={agentTitle}
      />
      <Groups
        title="By model"
        first="Model"
        measure={measure}
        groups={grouped(costs.shares, "model", measure)}
        name={inert}
      />
      <Groups
        title="By round"
        first="Round"
        measure={measure}
        groups={grouped(costs.shares, "iteration", measure)}
        name={(key) => roundTitle(Number(key))}
      />
    </div>
  );
}

function Chart({ children }: { children: ReactNode }) {
  return (
    <PanelBoundary>
      <Suspense fallback={<Skeleton lines={8} className="h-64" />}>{children}</Suspense>
    </PanelBoundary>
  );
}

function Loading() {
  return (
    <div className="flex flex-col gap-4">
      <Card title="Cost">
        <Skeleton lines={3} />
      </Card>
      <Card title="By agent">
        <Skeleton lines={10} />
      </Card>
    </div>
  );
}
