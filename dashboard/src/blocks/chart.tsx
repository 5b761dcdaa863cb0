/** What every chart has alike. For files that are loaded lazily only: the library is as large as the first screen. */

import type { ReactElement } from "react";
import { ResponsiveContainer } from "recharts";

export const TICK = { fill: "var(--muted)", fontSize: 12 };
/** Of what is shown beside the pointer. */
export const BOX = {
  background: "var(--raised)",
  border: "1px solid var(--line)",
  borderRadius: 6,
  color: "var(--text)",
};

/** The room of a chart. `label` says in words what it shows; a table beside it has the figures. */
export function ChartFrame({
  label,
  height,
  children,
}: {
  label: string;
  height: number;
  children: ReactElement;
}) {
  return (
    <div role="img" aria-label={label} className="min-w-0" style={{ height }}>
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 480, height }}>
        {children}
      </ResponsiveContainer>
    </div>
  );
}

export function legendName(name: string) {
  return <span className="text-xs text-text">{name}</span>;
}
