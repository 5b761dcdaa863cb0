/** The charts. Loaded lazily: the library is as large as the first screen. A table beside them says the same. */

import { Bar, BarChart, CartesianGrid, Legend, Line, LineChart, Tooltip, XAxis, YAxis } from "recharts";
import { BOX, ChartFrame, legendName, TICK } from "@/blocks/chart";

const ROW_PX = 30;
const HEIGHT_PX = 224;

export interface Part {
  key: string;
  name: string;
  colour: string;
}

interface ChartProps {
  /** What is drawn, in words. */
  label: string;
  data: readonly object[];
  parts: readonly Part[];
  /** A figure in full, and as the axis has it. */
  say: (value: number) => string;
  tick: (value: number) => string;
  /** What is counted has no parts. */
  counts?: boolean;
}

const LONGEST_NAME = 18;

/** Names of models can be longer than there is room for: the table has them whole. */
function beginning(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}

/** Bars upwards over days; beside each other, by name, where `lying`. Parts of one bar stand on each other. */
export function Bars({ label, data, parts, say, tick, counts, lying }: ChartProps & { lying?: boolean }) {
  const figures = { tick: TICK, stroke: "var(--line-strong)", tickFormatter: tick, allowDecimals: !counts };
  const names = { dataKey: "name", tick: TICK, stroke: "var(--line-strong)" };
  const height = lying ? Math.max(120, data.length * ROW_PX + 56) : HEIGHT_PX;
  return (
    <ChartFrame label={label} height={height}>
      <BarChart
        data={[...data]}
        layout={lying ? "vertical" : "horizontal"}
        accessibilityLayer={false}
        margin={{ top: 8, right: 16, bottom: 0, left: 0 }}
      >
        <CartesianGrid stroke="var(--line)" vertical={Boolean(lying)} horizontal={!lying} />
        {lying ? <XAxis type="number" {...figures} /> : <XAxis {...names} minTickGap={24} />}
        {lying ? (
          <YAxis type="category" width={132} interval={0} {...names} tickFormatter={beginning} />
        ) : (
          <YAxis width={52} {...figures} />
        )}
        <Tooltip
          contentStyle={BOX}
          cursor={{ fill: "var(--sunken)" }}
          isAnimationActive={false}
          itemStyle={{ color: "var(--text)" }}
          formatter={(value, name) => [say(Number(value)), name]}
        />
        {parts.length > 1 && <Legend itemSorter={null} formatter={legendName} />}
        {parts.map(({ key, name, colour }) => (
          <Bar
            key={key}
            dataKey={key}
            name={name}
            stackId="all"
            fill={colour}
            maxBarSize={28}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ChartFrame>
  );
}

/** One line over days; days without a figure are gaps that it goes across. */
export function Course({ label, data, parts, say, tick }: ChartProps) {
  return (
    <ChartFrame label={label} height={HEIGHT_PX}>
      <LineChart
        data={[...data]}
        accessibilityLayer={false}
        margin={{ top: 8, right: 16, bottom: 0, left: 0 }}
      >
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis dataKey="name" tick={TICK} stroke="var(--line-strong)" minTickGap={24} />
        <YAxis width={52} tick={TICK} stroke="var(--line-strong)" tickFormatter={tick} />
        <Tooltip
          contentStyle={BOX}
          isAnimationActive={false}
          itemStyle={{ color: "var(--text)" }}
          formatter={(value, name) => [say(Number(value)), name]}
        />
        {parts.map(({ key, name, colour }) => (
          <Line
            key={key}
            dataKey={key}
            name={name}
            stroke={colour}
            strokeWidth={2}
            dot={{ r: 2, fill: colour }}
            connectNulls
            isAnimationActive={false}
          />
        ))}
      </LineChart>
    </ChartFrame>
  );
}
