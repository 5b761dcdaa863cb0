import { useId } from "react";
import type { TaskTimeline } from "@/api/types";
import { inert } from "@/lib/text";
import type { Bar, Lane } from "./axis";
import { HEAD, LABEL, LANE_GAP, ROW } from "./zoom";

/** Arrows from what failed to the step that was to mend it. */
export function Retries(props: { lanes: Lane[]; retries: TaskTimeline["retries"]; width: number }) {
  const { lanes, retries, width } = props;
  const marker = useId();
  const places = placesOf(lanes);
  const height = HEAD + lanes.reduce((sum, lane) => sum + lane.rows * ROW + LANE_GAP, 0);
  return (
    <svg
      aria-hidden="true"
      width={width}
      height={height}
      className="pointer-events-none absolute top-0 z-[5] text-warn"
      style={{ left: LABEL }}
    >
      <defs>
        <marker
          id={marker}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path d="M0 0 8 4 0 8z" fill="currentColor" />
        </marker>
      </defs>
      {retries.map((retry) => {
        const [from, to] = [places.get(retry.from_span), places.get(retry.to_span)];
        if (!from || !to) return null;
        return (
          <path
            key={`${retry.from_span} ${retry.to_span}`}
            d={curve(from.right, from.middle, to.left, to.middle)}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeDasharray="5 3"
            markerEnd={`url(#${marker})`}
          >
            <title>{inert(retry.reason.slice(0, 300))}</title>
          </path>
        );
      })}
    </svg>
  );
}

interface Place {
  left: number;
  right: number;
  middle: number;
}

function placesOf(lanes: Lane[]): Map<string, Place> {
  const places = new Map<string, Place>();
  let top = HEAD;
  const at = (bar: Bar): Place => ({
    left: bar.left,
    right: bar.left + bar.width,
    middle: top + LANE_GAP / 2 + bar.row * ROW + ROW / 2 - 1,
  });
  for (const lane of lanes) {
    for (const bar of lane.bars) places.set(bar.span.span_id, at(bar));
    top += lane.rows * ROW + LANE_GAP;
  }
  return places;
}

function curve(x1: number, y1: number, x2: number, y2: number): string {
  const bend = Math.max(24, Math.abs(x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
