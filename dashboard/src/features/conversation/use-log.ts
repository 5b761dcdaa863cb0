/** The task's log as the address filters it, and its rows. */

import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { AgentName, TaskEvent } from "@/api/types";
import { type LogFilter, type LogView, TaskLog } from "@/live/tasklog";
import { isFailure, type Row, RowCache } from "./rows";

export interface Wanted {
  agent?: AgentName;
  type?: "calls" | "checks" | "people" | "errors";
  q?: string;
}

const TYPES: Record<NonNullable<Wanted["type"]>, TaskEvent["type"][]> = {
  calls: ["llm_start", "llm_end"],
  checks: ["test", "coverage", "review", "routed"],
  people: [
    "interrupt.opened",
    "interrupt.reminded",
    "interrupt.voted",
    "interrupt.decided",
    "budget.alert",
    "published",
    "forked",
  ],
  errors: ["llm_end", "agent.finished", "test", "notice", "task.upsert", "artifact"],
};

export function filterOf({ agent, type, q }: Wanted): LogFilter {
  return { agent, q, types: type && TYPES[type], keep: type === "errors" ? isFailure : undefined };
}

export function useLog(taskId: string, wanted: Wanted): { log: TaskLog; view: LogView; rows: Row[] } {
  const { agent, type, q } = wanted;
  const log = useMemo(() => new TaskLog(taskId, filterOf({ agent, type, q })), [taskId, agent, type, q]);
  useEffect(() => log.start(), [log]);
  const view = useSyncExternalStore(log.watch, log.snapshot);
  return { log, view, rows: useRows(view.events) };
}

export function useRows(events: LogView["events"]): Row[] {
  const [cache] = useState(() => new RowCache());
  return cache.of(events);
}
