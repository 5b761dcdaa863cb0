import type { TaskRow } from "@/api/types";
import { duration, plural, rate, usd } from "@/lib/format";
import { Card } from "@/ui/card";
import { Disclosure } from "@/ui/disclosure";
import { Empty } from "@/ui/states";
import { Table } from "@/ui/table";
import { Bars, ChartCard, Course } from "./chart-card";
import { dayName, taskTotals } from "./derive";

const NUMBER = "text-right whitespace-nowrap tabular-nums";

/** Tasks by the day on which they ended, and how long they took. */
export function Tasks({ rows }: { rows: readonly TaskRow[] }) {
  const sum = taskTotals(rows);
  const ended = rows.filter((row) => row.completed + row.failed + row.cancelled > 0);
  if (ended.length === 0) {
    return (
      <Card title="Tasks by day">
        <Empty title="No task ended in this time">
          Each day will show how many tasks were completed, failed or cancelled, and how long they took.
        </Empty>
      </Card>
    );
  }
  const data = rows.map((row) => ({ ...row, name: dayName(row.day), seconds: row.seconds ?? null }));
  return (
    <>
      <div className="grid gap-4 xl:grid-cols-2">
        <ChartCard title="Tasks by day">
          <Bars
            label={`${sum.completed} completed, ${sum.failed} failed, ${sum.cancelled} cancelled: ${rate(sum.completed, sum.completed + sum.failed)} of those that ran to an end were completed. The table has every figure.`}
            data={data}
            parts={[
              { key: "completed", name: "Completed", colour: "var(--ok)" },
              { key: "failed", name: "Failed", colour: "var(--bad)" },
              { key: "cancelled", name: "Cancelled", colour: "var(--line-strong)" },
            ]}
            say={(value) => plural(value, "task")}
            tick={String}
            counts
          />
        </ChartCard>
        <ChartCard
          title="Time of a task by day"
          note="The median, from submission to end, waits for people taken out."
        >
          <Course
            label={`Median time of a task: ${ended
              .filter((row) => row.seconds != null)
              .slice(-12)
              .map((row) => `${row.day} ${duration(row.seconds ?? 0)}`)
              .join(", ")}`}
            data={data}
            parts={[{ key: "seconds", name: "Median", colour: "var(--info)" }]}
            say={duration}
            tick={duration}
          />
        </ChartCard>
      </div>
      <Card title="Tasks in figures">
        <Disclosure
          summary={plural(ended.length, "day with a task that ended", "days with tasks that ended")}
        >
          <TaskTable rows={ended.toReversed()} />
        </Disclosure>
      </Card>
    </>
  );
}

function TaskTable({ rows }: { rows: readonly TaskRow[] }) {
  return (
    <div className="-mx-4 mt-2 [&_:is(td,th):first-child]:pl-4 [&_th:nth-child(n+2)]:text-right">
      <Table
        label="Tasks by day"
        head={["Day (UTC)", "Completed", "Failed", "Cancelled", "Cost", "Median time"]}
      >
        {rows.map((row) => (
          <tr key={row.day}>
            <td className="whitespace-nowrap">{row.day}</td>
            <td className={NUMBER}>{row.completed}</td>
            <td className={NUMBER}>{row.failed}</td>
            <td className={NUMBER}>{row.cancelled}</td>
            <td className={NUMBER}>{usd(row.cost_usd)}</td>
            <td className={NUMBER}>{row.seconds == null ? "–" : duration(row.seconds)}</td>
          </tr>
        ))}
      </Table>
    </div>
  );
}
