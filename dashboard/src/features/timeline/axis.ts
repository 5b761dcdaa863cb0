/** Where things are on the timeline: a time axis that shortens long waits, lanes, rows within them. */

import type { AgentName, Span } from "@/api/types";
import { AGENTS } from "@/api/types";

/** A stretch of time in which nobody worked, drawn shorter than it was. */
export interface Break {
  from: number;
  to: number;
  /** In seconds of the axis. */
  at: number;
  drawn: number;
}

export interface Axis {
  start: number;
  end: number;
  /** Length in seconds as drawn. */
  length: number;
  breaks: Break[];
}

const SHORTEST = 5;
/** An idle stretch is drawn as long as this share of the work at most. */
const SHARE = 0.12;

export const endOf = (span: Span, now: number): number => Math.max(span.started_at, span.ended_at ?? now);

export function axisOf(spans: readonly Span[], now: number): Axis {
  if (spans.length === 0) return { start: now, end: now, length: 1, breaks: [] };
  const start = Math.min(...spans.map((span) => span.started_at));
  const end = Math.max(...spans.map((span) => endOf(span, now)));
  const idle = gaps(
    spans.filter((span) => span.kind !== "wait").map((span) => [span.started_at, endOf(span, now)]),
    start,
    end,
  );
  const work = end - start - idle.reduce((sum, [from, to]) => sum + to - from, 0);
  const most = Math.max(SHORTEST, work * SHARE);
  const breaks: Break[] = [];
  let saved = 0;
  for (const [from, to] of idle) {
    if (to - from <= most) continue;
    breaks.push({ from, to, at: from - start - saved, drawn: most });
    saved += to - from - most;
  }
  return { start, end, length: Math.max(1, end - start - saved), breaks };
}

/** What of the time between `start` and `end` none of the stretches covers. */
function gaps(stretches: [number, number][], start: number, end: number): [number, number][] {
  const found: [number, number][] = [];
  let reached = start;
  for (const [from, to] of stretches.sort((a, b) => a[0] - b[0])) {
    if (from > reached) found.push([reached, from]);
    reached = Math.max(reached, to);
  }
  if (end > reached) found.push([reached, end]);
  return found;
}

/** Seconds from the axis' beginning, as drawn. */
export function place(axis: Axis, ts: number): number {
  let saved = 0;
  for (const { from, to, drawn } of axis.breaks) {
    if (ts <= from) break;
    const through = Math.min(ts, to) - from;
    saved += through - (through * drawn) / (to - from);
  }
  return Math.max(0, ts - axis.start - saved);
}

export interface Tick {
  /** As drawn. */
  at: number;
  /** Seconds since the task's first span, as they were. */
  passed: number;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400];

/** Round moments of the axis, of which about `most` fit. */
export function ticksOf(axis: Axis, most: number): Tick[] {
  const wanted = axis.length / Math.max(1, most);
  const step = STEPS.find((each) => each >= wanted) ?? 86_400 * Math.ceil(wanted / 86_400);
  const ticks: Tick[] = [];
  const gap = step * 0.6;
  for (let passed = 0; passed <= axis.end - axis.start; ) {
    const ts = axis.start + passed;
    const inside = axis.breaks.find(({ from, to }) => ts > from && ts < to);
    if (inside) {
      passed = Math.ceil((inside.to - axis.start) / step) * step;
      continue;
    }
    const at = place(axis, ts);
    const before = ticks.at(-1);
    if (before === undefined || at - before.at >= gap) ticks.push({ at, passed });
    passed += step;
  }
  return ticks;
}

export interface Bar {
  span: Span;
  left: number;
  width: number;
  row: number;
}

export interface Lane {
  name: string;
  bars: Bar[];
  rows: number;
  /** An agent of the plan that has not begun. */
  future: boolean;
}

const OTHERS = ["checks", "person", "outside"];
const NARROWEST = 6;
const MOST_ROWS = 8;

/** Lanes in the order of the workflow, bars placed for a plot of this width. */
export function lanesOf(
  spans: readonly Span[],
  future: readonly AgentName[],
  axis: Axis,
  now: number,
  width: number,
): Lane[] {
  const known: string[] = [...AGENTS, ...OTHERS];
  const used = new Set(spans.map((span) => span.lane));
  const order = [...known, ...[...used].filter((name) => !known.includes(name))];
  const scale = width / axis.length;
  return order.flatMap((name): Lane[] => {
    const mine = spans.filter((span) => span.lane === name);
    const waits = mine.length === 0 && future.some((agent) => agent === name);
    if (mine.length === 0 && !waits) return [];
    const bars = packed(
      mine.map((span) => {
        const left = place(axis, span.started_at) * scale;
        const right = place(axis, endOf(span, now)) * scale;
        const drawn = Math.max(NARROWEST, right - left);
        return { span, left: Math.min(left, Math.max(0, width - drawn)), width: drawn, row: 0 };
      }),
    );
    return [{ name, bars, rows: Math.max(1, ...bars.map((bar) => bar.row + 1)), future: waits }];
  });
}

/** Bars that would lie on each other go into rows of their own. */
function packed(bars: Bar[]): Bar[] {
  const ends: number[] = [];
  return bars
    .sort((a, b) => a.left - b.left)
    .map((bar) => {
      const free = ends.findIndex((end) => end + 1 <= bar.left);
      const row =
        free !== -1 ? free : ends.length < MOST_ROWS ? ends.length : ends.indexOf(Math.min(...ends));
      ends[row] = bar.left + bar.width;
      return { ...bar, row };
    });
}

export type Direction = "left" | "right" | "up" | "down" | "first" | "last";

/** The bar that a key leads to from another; null where there is none. */
export function neighbour(lanes: readonly Lane[], from: string, direction: Direction): string | null {
  const filled = lanes.filter((lane) => lane.bars.length > 0);
  const at = filled.findIndex((lane) => lane.bars.some((bar) => bar.span.span_id === from));
  const lane = filled[at];
  const index = lane?.bars.findIndex((bar) => bar.span.span_id === from) ?? -1;
  const bar = lane?.bars[index];
  if (!lane || !bar) return filled[0]?.bars[0]?.span.span_id ?? null;
  const step = { left: -1, right: 1, first: -index, last: lane.bars.length - 1 - index };
  if (direction !== "up" && direction !== "down") {
    return lane.bars[index + step[direction]]?.span.span_id ?? null;
  }
  const other = filled[at + (direction === "up" ? -1 : 1)];
  const near = other?.bars.reduce((best, each) =>
    Math.abs(each.left - bar.left) < Math.abs(best.left - bar.left) ? each : best,
  );
  return near?.span.span_id ?? null;
}
