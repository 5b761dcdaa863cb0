import type { SeriesRow } from "@/api/types";
import { duration, plural, short, usd } from "@/lib/format";
import { Bars, ChartCard, Course } from "./chart-card";
import { type By, points, sentence, totals } from "./derive";

const dollars = (value: number) => `$${Number(value.toPrecision(3))}`;
const tokens = (value: number) => plural(Math.round(value), "token");
const calls = (value: number) => plural(Math.round(value), "call");

/** Cost, tokens, outcome and latency of calls. */
export function CallCharts({ rows, by }: { rows: readonly SeriesRow[]; by: By }) {
  const data = points(rows, by);
  const sum = totals(rows);
  const lying = by !== "day";
  const shape = { data, lying };
  const seconds = {
    label: `Median time of a call by ${by}: ${data
      .filter((each) => each.seconds !== null)
      .slice(-12)
      .map((each) => `${each.name} ${duration(each.seconds ?? 0)}`)
      .join(", ")}`,
    data,
    parts: [{ key: "seconds", name: "Median", colour: "var(--info)" }],
    say: duration,
    tick: duration,
  };
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <ChartCard title={`Cost by ${by}`} note={sum.cost === 0 ? "Every call was free of charge." : undefined}>
        <Bars
          {...shape}
          label={sentence(
            `Cost by ${by}`,
            data.map(({ name, cost }) => ({ name, value: cost })),
            usd,
          )}
          parts={[{ key: "cost", name: "Cost", colour: "var(--accent)" }]}
          say={usd}
          tick={dollars}
        />
      </ChartCard>
      <ChartCard title={`Tokens by ${by}`}>
        <Bars
          {...shape}
          label={sentence(
            `Tokens by ${by}`,
            data.map(({ name, input, output }) => ({ name, value: input + output })),
            tokens,
          )}
          parts={[
            { key: "input", name: "In", colour: "var(--info)" },
            { key: "output", name: "Out", colour: "var(--accent)" },
          ]}
          say={tokens}
          tick={short}
        />
      </ChartCard>
      <ChartCard title={`Calls by ${by}`}>
        <Bars
          {...shape}
          label={`${calls(sum.calls)} by ${by}, of which ${sum.failures} failed. The table has every figure.`}
          parts={[
            { key: "succeeded", name: "Succeeded", colour: "var(--ok)" },
            { key: "failed", name: "Failed", colour: "var(--bad)" },
          ]}
          say={calls}
          tick={short}
          counts
        />
      </ChartCard>
      <ChartCard title={`Time of a call by ${by}`} note="The median.">
        {lying ? <Bars {...seconds} lying /> : <Course {...seconds} />}
      </ChartCard>
    </div>
  );
}
