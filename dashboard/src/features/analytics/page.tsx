/** What calls and tasks took, over time, by agent and by model. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChartColumn } from "lucide-react";
import { queries } from "@/api/queries";
import type { Series } from "@/api/types";
import { plural, rate, short, usd } from "@/lib/format";
import { wishNewTask } from "@/lib/new-task";
import { Button } from "@/ui/button";
import { Figure, PageHeader } from "@/ui/card";
import { Segmented } from "@/ui/segmented";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { CallCharts } from "./call-charts";
import { CallTable } from "./call-table";
import { type By, taskTotals, totals } from "./derive";
import { Forecasts } from "./forecasts";
import { Tasks } from "./tasks";

const DAYS = ["7", "30", "90"] as const;

export default function Page() {
  const { days = "30", by = "day" } = useSearch({ from: "/analytics" });
  const query = useQuery({
    ...queries.series(by, Number(days)),
    // What is there stays while another span is fetched; a chart by day is none by agent.
    placeholderData: (before) => (before?.group_by === by ? before : undefined),
  });
  return (
    <>
      <PageHeader title="Analytics" note="Calls and tasks by day are counted in UTC.">
        <Choice />
      </PageHeader>
      <div className="flex flex-col gap-4" aria-busy={query.isPlaceholderData || undefined}>
        <QueryPanel query={query} skeleton={<Loading />} isEmpty={isEmpty} whenEmpty={<None days={days} />}>
          {(series) => <Figures series={series} />}
        </QueryPanel>
        <Forecasts />
      </div>
    </>
  );
}

function isEmpty({ rows = [], tasks = [] }: Series): boolean {
  const ended = taskTotals(tasks);
  return totals(rows).calls === 0 && ended.completed + ended.failed + ended.cancelled === 0;
}

function Choice() {
  const { days = "30", by = "day" } = useSearch({ from: "/analytics" });
  const navigate = useNavigate({ from: "/analytics" });
  return (
    <>
      <Segmented<By>
        label="Group by"
        value={by}
        options={[
          { value: "day", label: "Day" },
          { value: "agent", label: "Agent" },
          { value: "model", label: "Model" },
          { value: "prompt", label: "Prompt" },
          { value: "identity", label: "Identity" },
        ]}
        onChange={(next) =>
          void navigate({
            search: (now) => ({ ...now, by: next === "day" ? undefined : next }),
            replace: true,
          })
        }
      />
      <Segmented<(typeof DAYS)[number]>
        label="Time"
        value={days}
        options={DAYS.map((value) => ({ value, label: `${value} days` }))}
        onChange={(next) =>
          void navigate({
            search: (now) => ({ ...now, days: next === "30" ? undefined : next }),
            replace: true,
          })
        }
      />
    </>
  );
}

function Figures({ series }: { series: Series }) {
  const { rows = [], tasks = [], group_by, days } = series;
  const sum = totals(rows);
  const ended = taskTotals(tasks);
  return (
    <>
      <section
        aria-label={`The last ${days} days`}
        className="grid grid-cols-2 gap-4 rounded-lg border border-line bg-surface p-4 shadow-card sm:grid-cols-3 xl:grid-cols-5"
      >
        <Figure label="Cost" value={usd(sum.cost)} note={`the last ${days} days`} />
        <Figure
          label="Tokens"
          value={short(sum.input + sum.output)}
          note={`${short(sum.input)} in, ${short(sum.output)} out`}
        />
        <Figure label="Model calls" value={short(sum.calls)} note={`${sum.failures} failed`} />
        <Figure
          label="Calls without a failure"
          value={rate(sum.calls - sum.failures, sum.calls)}
          note={`${short(sum.calls - sum.failures)} of ${short(sum.calls)}`}
        />
        <Figure
          label="Tasks completed"
          value={short(ended.completed)}
          note={`${ended.failed} failed, ${plural(ended.cancelled, "cancelled", "cancelled")}`}
        />
      </section>
      <CallCharts rows={rows} by={group_by} />
      <CallTable rows={rows} by={group_by} />
      <Tasks rows={tasks} />
    </>
  );
}

function None({ days }: { days: string }) {
  return (
    <Empty
      title={`Nothing happened in the last ${days} days`}
      icon={<ChartColumn aria-hidden="true" />}
      action={
        <Button kind="primary" onClick={() => wishNewTask()}>
          New task
        </Button>
      }
    >
      What calls and tasks cost, how long they take and how they end is counted here.
    </Empty>
  );
}

function Loading() {
  return (
    <>
      <Skeleton lines={2} className="min-h-[92px] rounded-lg border border-line bg-surface p-4" />
      <div className="grid gap-4 xl:grid-cols-2">
        {["cost", "tokens", "calls", "time"].map((each) => (
          <Skeleton
            key={each}
            lines={5}
            className="min-h-[298px] rounded-lg border border-line bg-surface p-4"
          />
        ))}
      </div>
    </>
  );
}
