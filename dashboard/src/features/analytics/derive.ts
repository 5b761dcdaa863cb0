/** Figures of the page, made of what the service counted. */

import type { Accuracy, Series, SeriesRow, TaskRow } from "@/api/types";
import { agentTitle, plural } from "@/lib/format";
import { inert } from "@/lib/text";

export type By = Series["group_by"];

export interface Totals {
  calls: number;
  failures: number;
  input: number;
  output: number;
  cached: number;
  cost: number;
}

export function totals(rows: readonly SeriesRow[]): Totals {
  return rows.reduce<Totals>(
    (sum, row) => ({
      calls: sum.calls + row.calls,
      failures: sum.failures + row.failures,
      input: sum.input + (row.usage.input_tokens ?? 0),
      output: sum.output + (row.usage.output_tokens ?? 0),
      cached: sum.cached + (row.usage.cache_read_tokens ?? 0),
      cost: sum.cost + row.cost_usd,
    }),
    { calls: 0, failures: 0, input: 0, output: 0, cached: 0, cost: 0 },
  );
}

export interface TaskTotals {
  completed: number;
  failed: number;
  cancelled: number;
}

export function taskTotals(rows: readonly TaskRow[]): TaskTotals {
  return rows.reduce<TaskTotals>(
    (sum, { completed, failed, cancelled }) => ({
      completed: sum.completed + completed,
      failed: sum.failed + failed,
      cancelled: sum.cancelled + cancelled,
    }),
    { completed: 0, failed: 0, cancelled: 0 },
  );
}

/** What a row is called: `27 Nov`, the agent's title; models, prompts and identities by their names. */
export function rowName(key: string, by: By): string {
  if (by === "agent") return agentTitle(key);
  return by === "day" ? dayName(key) : inert(key);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `2026-11-27` as `27 Nov`. */
export function dayName(day: string): string {
  const [, month, date] = day.split("-");
  const name = MONTHS[Number(month) - 1];
  return name ? `${Number(date)} ${name}` : day;
}

/** From when to when a day (UTC) lasts, in Unix time. */
export function dayBounds(day: string): { since: number; until: number } {
  const since = Date.parse(`${day}T00:00:00Z`) / 1000;
  return { since, until: since + 86_399 };
}

export interface Point {
  name: string;
  cost: number;
  input: number;
  output: number;
  succeeded: number;
  failed: number;
  /** Median; null where nothing was called. */
  seconds: number | null;
}

export function points(rows: readonly SeriesRow[], by: By): Point[] {
  return rows.map((row) => ({
    name: rowName(row.key, by),
    cost: row.cost_usd,
    input: row.usage.input_tokens ?? 0,
    output: row.usage.output_tokens ?? 0,
    succeeded: row.calls - row.failures,
    failed: row.failures,
    seconds: row.call_seconds ?? null,
  }));
}

/** What a chart says in a sentence: the sum, and where most of it is. */
export function sentence(
  what: string,
  parts: readonly { name: string; value: number }[],
  say: (value: number) => string,
): string {
  const most = parts.reduce((top, part) => (part.value > top.value ? part : top), { name: "", value: 0 });
  const sum = parts.reduce((all, part) => all + part.value, 0);
  if (sum === 0) return `${what}: none`;
  return `${what}: ${say(sum)} in all, most of it ${say(most.value)} (${most.name}). The table has every figure.`;
}

/** How forecasts came true, in words; null where nothing can be said yet. */
export function accuracyWords({ tasks = 0, median_ratio, inside }: Accuracy): string | null {
  if (tasks === 0 || median_ratio == null) return null;
  const percent = Math.round(Math.abs(median_ratio - 1) * 100);
  const middle =
    percent === 0
      ? "as much as was expected"
      : `${percent} % ${median_ratio > 1 ? "more" : "less"} than was expected`;
  const range =
    inside == null ? "" : ` ${Math.round(inside * 100)} % of them stayed within the range that was told.`;
  return `Of ${plural(tasks, "completed task")} the one in the middle took ${middle}.${range}`;
}
