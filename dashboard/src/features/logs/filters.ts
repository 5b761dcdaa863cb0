/** What narrows the list of calls: as the address has it, as the service takes it, and which new calls it lets through. */

import type { LogFilters } from "@/api/queries";
import type { StoredEvent } from "@/api/types";

/** The filters without what is undefined, and without the call that is open: one list has one key. */
export function filtersOf(search: LogFilters & { call?: string }): LogFilters {
  const { call: _, ...filters } = search;
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as LogFilters;
}

export function isFiltered(filters: LogFilters): boolean {
  return Object.keys(filters).length > 0;
}

/** Whether the list may have the call of this event. What is searched for cannot be seen in an event, and is left to the service. */
export function mayShow({ task_id, ts, event }: StoredEvent, filters: LogFilters): boolean {
  if (event.type !== "llm_end") return false;
  const { agent, model, success, since, until } = filters;
  return (
    (agent === undefined || event.agent === agent) &&
    (model === undefined || event.model === model) &&
    (success === undefined || event.success === success) &&
    (filters.task_id === undefined || task_id === filters.task_id) &&
    (since === undefined || ts >= since) &&
    (until === undefined || ts <= until)
  );
}

/** As the export takes them. */
export function asQuery(filters: LogFilters): Record<string, string> {
  return Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, String(value)]));
}

export const PRESETS = [
  { name: "Last hour", seconds: 3_600 },
  { name: "Last 24 hours", seconds: 86_400 },
  { name: "Last 7 days", seconds: 7 * 86_400 },
  { name: "Last 30 days", seconds: 30 * 86_400 },
] as const;

/** `2026-11-27T07:30` in the reader's own time, as a field for date and time has it; empty for none. */
export function toField(ts: number | undefined): string {
  if (ts === undefined) return "";
  const date = new Date(ts * 1000);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** Unix time of such a field; undefined while it holds none. */
export function fromField(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms < 0 ? undefined : Math.floor(ms / 1000);
}
