/** What stands in the address of each screen, read with care: what is not understood is left out. */

import type { AgentName, InterruptKind, TaskStatus } from "@/api/types";
import { AGENTS } from "@/api/types";

type Raw = Record<string, unknown>;

const STATUSES: readonly TaskStatus[] = [
  "queued",
  "running",
  "waiting_for_input",
  "completed",
  "failed",
  "cancelled",
];
const KINDS: readonly InterruptKind[] = ["approval", "budget", "escalation"];

function text(raw: unknown, most = 200): string | undefined {
  const value = typeof raw === "number" ? String(raw) : raw;
  return typeof value === "string" && value !== "" ? value.slice(0, most) : undefined;
}

function oneOf<T extends string>(known: readonly T[], raw: unknown): T | undefined {
  return known.find((each) => each === raw);
}

function count(raw: unknown): number | undefined {
  const value = typeof raw === "string" ? Number(raw) : raw;
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function flag(raw: unknown): boolean | undefined {
  if (raw === true || raw === "true") return true;
  return raw === false || raw === "false" ? false : undefined;
}

const commit = (raw: unknown) => (typeof raw === "string" && /^[0-9a-f]{7,64}$/.test(raw) ? raw : undefined);

/** Without what is undefined, so that addresses stay short. */
function some<T extends object>(found: T): Partial<T> {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Partial<T>;
}

export const inboxSearch = (raw: Raw) =>
  some({
    kind: oneOf(KINDS, raw.kind),
    show: oneOf(["pending", "decided"] as const, raw.show),
    sort: oneOf(["oldest", "newest"] as const, raw.sort),
  });

export const tasksSearch = (raw: Raw) =>
  some({
    view: oneOf(["table", "kanban"] as const, raw.view),
    status: oneOf(STATUSES, raw.status),
    q: text(raw.q),
    workflow: text(raw.workflow, 64),
  });

export const conversationSearch = (raw: Raw) =>
  some({
    agent: oneOf(AGENTS, raw.agent),
    type: oneOf(["calls", "checks", "people", "errors"] as const, raw.type),
    q: text(raw.q),
  });

export const timelineSearch = (raw: Raw) =>
  some({
    span: text(raw.span),
    show: oneOf(["lanes", "table"] as const, raw.show),
  });

export const filesSearch = (raw: Raw) =>
  some({
    path: text(raw.path, 400),
    ref: commit(raw.ref),
    base: commit(raw.base),
    layout: oneOf(["split", "unified", "text"] as const, raw.layout),
  });

export const iterationSearch = (raw: Raw) => some({ iteration: count(raw.iteration) });

export const graphSearch = (raw: Raw) =>
  some({
    mode: oneOf(["aggregated", "expanded"] as const, raw.mode),
    show: oneOf(["graph", "list"] as const, raw.show),
  });

export const stateSearch = (raw: Raw) => some({ checkpoint: text(raw.checkpoint, 64) });

export const agentSearch = (raw: Raw) =>
  some({
    tab: oneOf(["rules", "identity", "versions", "memory"] as const, raw.tab),
    version: count(raw.version),
    base: count(raw.base),
  });

export const logsSearch = (raw: Raw) =>
  some({
    agent: oneOf(AGENTS, raw.agent) as AgentName | undefined,
    model: text(raw.model),
    success: flag(raw.success),
    q: text(raw.q),
    task_id: text(raw.task_id, 64),
    since: count(raw.since),
    until: count(raw.until),
    call: text(raw.call, 64),
  });

export const analyticsSearch = (raw: Raw) =>
  some({
    days: oneOf(["7", "30", "90"] as const, text(raw.days)),
    by: oneOf(["day", "agent", "model", "prompt", "identity"] as const, raw.by),
  });

export const settingsSearch = (raw: Raw) =>
  some({
    tab: oneOf(["health", "settings", "models", "keys", "audit", "browser"] as const, raw.tab),
  });
