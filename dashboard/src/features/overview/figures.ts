/** What the last days come to. */

import type { AgentName, Series, Task, TaskStatus } from "@/api/types";

type TaskRow = Series["tasks"][number];

export interface Week {
  completed: number;
  failed: number;
  cancelled: number;
  /** Of those that ended by themselves, how many completed; null where none did. */
  success: number | null;
  /** Seconds; the median of the days' medians, each counted as often as tasks completed on it. */
  median: number | null;
  /** One figure a day, oldest first; days without a call are 0. */
  costs: { day: string; usd: number }[];
  cost: number;
}

export function weekOf(series: Series, now: number): Week {
  const sum = (of: (row: TaskRow) => number) => series.tasks.reduce((total, row) => total + of(row), 0);
  const [completed, failed, cancelled] = [
    sum((row) => row.completed),
    sum((row) => row.failed),
    sum((row) => row.cancelled),
  ];
  const costs = lastDays(series.days, now).map((day) => ({
    day,
    usd: series.rows.find((row) => row.key === day)?.cost_usd ?? 0,
  }));
  return {
    completed,
    failed,
    cancelled,
    success: completed + failed === 0 ? null : completed / (completed + failed),
    median: weightedMedian(series.tasks.map((row) => [row.seconds ?? null, row.completed])),
    costs,
    cost: costs.reduce((total, each) => total + each.usd, 0),
  };
}

/** Days in UTC, as the service counts them, oldest first and with today. */
export function lastDays(count: number, now: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date((now - (count - 1 - index) * 86_400) * 1000).toISOString().slice(0, 10),
  );
}

function weightedMedian(pairs: [value: number | null, weight: number][]): number | null {
  const known = pairs.flatMap(([value, weight]) =>
    value === null || weight === 0 ? [] : [{ value, weight }],
  );
  known.sort((a, b) => a.value - b.value);
  const half = known.reduce((total, each) => total + each.weight, 0) / 2;
  let passed = 0;
  for (const { value, weight } of known) {
    passed += weight;
    if (passed >= half) return value;
  }
  return null;
}

/** No task was ever submitted here. */
export function isNew(counts: Record<string, number>): boolean {
  return Object.values(counts).every((count) => count === 0);
}

export type StepState = "pending" | "running" | "done" | "failed" | "skipped";

export interface Step {
  agent: AgentName;
  state: StepState;
}

/** The agents of a task's plan with what each of them has done; before there is a plan, none. */
export function stepsOf(task: Pick<Task, "pipeline" | "agent_stats" | "current_agent">): Step[] {
  return task.pipeline.map((agent) => {
    const known = task.agent_stats?.[agent]?.status;
    return { agent, state: known ?? (task.current_agent === agent ? "running" : "pending") };
  });
}

/** Who works at the moment; the row's current agent where nothing more is known. */
export function atWork(
  task: Pick<Task, "pipeline" | "agent_stats" | "current_agent" | "status">,
): AgentName[] {
  if (task.status !== "running") return [];
  const running = stepsOf(task).flatMap((step) => (step.state === "running" ? [step.agent] : []));
  return running.length > 0 || task.current_agent === null ? running : [task.current_agent];
}

export const AT_WORK: TaskStatus[] = ["queued", "running"];
export const ENDED: TaskStatus[] = ["completed", "failed", "cancelled"];
