/** The charts. Loaded lazily: the library is as large as the first screen. Tables beside them say the same in words. */

import {
  Area,
  AreaChart,
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  ReferenceLine,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import type { TaskCosts } from "@/api/types";
import { BOX, ChartFrame, legendName, TICK } from "@/blocks/chart";
import { roundTitle } from "@/blocks/rounds";
import { agentHue } from "@/blocks/status";
import { agentTitle, duration, plural, short, usd } from "@/lib/format";
import { type Measure, marks, roundBars, spending } from "./derive";

const HEIGHT_PX = 256;

/** `$0.25` on an axis. */
function dollars(value: number): string {
  return `$${Number(value.toPrecision(3))}`;
}

/** What had been spent by when, with the budget as a line. */
export function Spending({ costs }: { costs: TaskCosts }) {
  const points = spending(costs.points);
  const last = points.at(-1);
  const axis = marks(costs);
  const label = `${usd(costs.spent_usd)} of ${usd(costs.budget_usd)} spent in ${plural(costs.points.length, "call")} over ${duration(last?.after ?? 0)}`;
  return (
    <ChartFrame label={label} height={HEIGHT_PX}>
      <AreaChart data={points} accessibilityLayer={false} margin={{ top: 16, right: 16, bottom: 0, left: 8 }}>
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis
          dataKey="after"
          type="number"
          domain={[0, "dataMax"]}
          tick={TICK}
          stroke="var(--line-strong)"
          tickFormatter={duration}
          minTickGap={48}
        />
        <YAxis
          width={56}
          domain={[0, axis.at(-1) ?? 1]}
          ticks={axis}
          tick={TICK}
          stroke="var(--line-strong)"
          tickFormatter={dollars}
        />
        <Tooltip
          contentStyle={BOX}
          isAnimationActive={false}
          labelFormatter={(after) => `after ${duration(Number(after))}`}
          formatter={(value) => [usd(Number(value)), "Spent"]}
        />
        <ReferenceLine
          y={costs.budget_usd}
          stroke="var(--warn)"
          strokeDasharray="5 4"
          strokeWidth={1.5}
          label={{
            value: `Budget ${usd(costs.budget_usd)}`,
            position: "insideTopLeft",
            fill: "var(--warn)",
            fontSize: 12,
          }}
        />
        <Area
          type="stepAfter"
          dataKey="usd"
          stroke="var(--accent)"
          strokeWidth={2}
          fill="var(--accent)"
          fillOpacity={0.15}
          dot={points.length < 40 ? { r: 2.5, fill: "var(--accent)", fillOpacity: 1 } : false}
          isAnimationActive={false}
        />
      </AreaChart>
    </ChartFrame>
  );
}

/** Each round, with what each agent took of it. */
export function Rounds({ costs, measure }: { costs: TaskCosts; measure: Measure }) {
  const { bars, agents } = roundBars(costs.shares, measure);
  const say = (value: number) => (measure === "usd" ? usd(value) : plural(Math.round(value), "token"));
  const sums = bars.map((bar) => {
    const { iteration, ...parts } = bar;
    return `${roundTitle(iteration)}: ${say(Object.values(parts).reduce((sum, part) => sum + part, 0))}`;
  });
  return (
    <ChartFrame label={sums.join("; ")} height={HEIGHT_PX}>
      <BarChart
        data={bars}
        layout="vertical"
        accessibilityLayer={false}
        margin={{ top: 4, right: 16, bottom: 0, left: 8 }}
      >
        <CartesianGrid stroke="var(--line)" horizontal={false} />
        <XAxis
          type="number"
          tick={TICK}
          stroke="var(--line-strong)"
          tickFormatter={measure === "usd" ? dollars : short}
        />
        <YAxis
          type="category"
          dataKey="iteration"
          width={64}
          tick={TICK}
          stroke="var(--line-strong)"
          tickFormatter={(iteration) => roundTitle(Number(iteration))}
        />
        <Tooltip
          contentStyle={BOX}
          cursor={{ fill: "var(--sunken)" }}
          isAnimationActive={false}
          labelFormatter={(iteration) => roundTitle(Number(iteration))}
          formatter={(value, name) => [say(Number(value)), name]}
          itemStyle={{ color: "var(--text)" }}
        />
        <Legend itemSorter={null} formatter={legendName} />
        {agents.map((agent) => (
          <Bar
            key={agent}
            dataKey={agent}
            name={agentTitle(agent)}
            stackId="agents"
            fill={agentHue(agent)}
            stroke="var(--surface)"
            maxBarSize={40}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ChartFrame>
  );
}
