/** What can be asked of the service, with the keys under which answers are kept. Events change or renew them. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api, textAnswer } from "./client";
import type { AgentName, InterruptKind, Series, TaskStatus } from "./types";

export interface TaskFilters {
  status?: TaskStatus[];
  q?: string;
  workflow?: string;
  caller?: string;
}

export interface LogFilters {
  task_id?: string;
  agent?: AgentName;
  model?: string;
  success?: boolean;
  q?: string;
  since?: number;
  until?: number;
}

export type TaskViewName =
  | "timeline"
  | "tests"
  | "reviews"
  | "plan"
  | "graph"
  | "costs"
  | "tree"
  | "checkpoints"
  | "effects";

export const keys = {
  tasks: ["tasks"] as const,
  taskList: (filters: TaskFilters, limit = 50) => ["tasks", filters, limit] as const,
  task: (id: string) => ["task", id] as const,
  view: (id: string, name: TaskViewName, ...rest: unknown[]) => ["task", id, name, ...rest] as const,
  interrupts: ["interrupts"] as const,
  stats: ["stats"] as const,
  agents: ["agents"] as const,
  logs: ["logs"] as const,
  apiKeys: ["keys"] as const,
  audit: ["audit"] as const,
};

/** Views of a task that a final task never changes are kept for the session. */
const WHILE_OPEN = { staleTime: 30_000 };

export const queries = {
  whoami: () =>
    queryOptions({ queryKey: ["whoami"], queryFn: () => answer(api.GET("/whoami")), ...WHILE_OPEN }),
  health: () =>
    queryOptions({ queryKey: ["health"], queryFn: () => answer(api.GET("/health")), ...WHILE_OPEN }),
  config: () =>
    queryOptions({ queryKey: ["config"], queryFn: () => answer(api.GET("/config")), ...WHILE_OPEN }),
  models: () =>
    queryOptions({ queryKey: ["models"], queryFn: () => answer(api.GET("/models")), ...WHILE_OPEN }),
  workflows: () =>
    queryOptions({
      queryKey: ["workflows"],
      queryFn: () => answer(api.GET("/workflows")),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  stats: () =>
    queryOptions({ queryKey: keys.stats, queryFn: () => answer(api.GET("/stats")), ...WHILE_OPEN }),
  series: (group_by: Series["group_by"], days: number) =>
    queryOptions({
      queryKey: [...keys.stats, "series", group_by, days],
      queryFn: () => answer(api.GET("/stats/series", { params: { query: { group_by, days } } })),
      ...WHILE_OPEN,
    }),

  tasks: (filters: TaskFilters, limit = 50) =>
    infiniteQueryOptions({
      queryKey: keys.taskList(filters, limit),
      queryFn: ({ pageParam }) =>
        answer(api.GET("/tasks", { params: { query: { ...filters, before: pageParam, limit } } })),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
      staleTime: Number.POSITIVE_INFINITY,
    }),
  task: (id: string) =>
    queryOptions({
      queryKey: keys.task(id),
      queryFn: () =>
        answer(
          api.GET("/tasks/{task_id}", {
            params: { path: { task_id: id }, query: { include: "agent_stats,summary" } },
          }),
        ),
      ...WHILE_OPEN,
    }),
  timeline: (id: string) =>
    queryOptions({
      queryKey: keys.view(id, "timeline"),
      queryFn: () => answer(api.GET("/tasks/{task_id}/timeline", at(id))),
      ...WHILE_OPEN,
    }),
  tests: (id: string) =>
    queryOptions({
      queryKey: keys.view(id, "tests"),
      queryFn: () => answer(api.GET("/tasks/{task_id}/tests", at(id))),
      ...WHILE_OPEN,
    }),
  reviews: (id: string) =>
    queryOptions({
      queryKey: keys.view(id, "reviews"),
      queryFn: () => answer(api.GET("/tasks/{task_id}/reviews", at(id))),
      ...WHILE_OPEN,
    }),
  plan: (id: string) =>
    queryOptions({
      queryKey: keys.view(id, "plan"),
      queryFn: () => answer(api.GET("/tasks/{task_id}/plan", at(id))),
      ...WHILE_OPEN,
    }),
  graph: (id: string, mode: "aggregated" | "expanded") =>
    queryOptions({
      queryKey: keys.view(id, "graph", mode),
      queryFn: () =>
        answer(api.GET("/tasks/{task_id}/graph", { params: { path: { task_id: id }, query: { mode } } })),
      ...WHILE_OPEN,
    }),
  costs: (id: string) =>
    queryOptions({
      queryKey: keys.view(id, "costs"),
      queryFn: () => answer(api.GET("/tasks/{task_id}/costs", at(id))),
      ...WHILE_OPEN,
    }),
  tree: (id: string, ref?: string, base?: string) =>
    queryOptions({
      queryKey: keys.view(id, "tree", ref, base),
      queryFn: () =>
        answer(api.GET("/tasks/{task_id}/tree", { params: { path: { task_id: id }, query: { ref, base } } })),
      ...WHILE_OPEN,
    }),
  /** A file's text at a commit never changes. */
  file: (id: string, path: string, ref: string) =>
    queryOptions({
      queryKey: ["file", id, path, ref],
      queryFn: () =>
        textAnswer(`/tasks/${id}/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`, { ref }),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** A call that has ended never changes. */
  call: (callId: string) =>
    queryOptions({
      queryKey: ["call", callId],
      queryFn: () => answer(api.GET("/logs/{call_id}", { params: { path: { call_id: callId } } })),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** The event that tells of the end of a call; null when it is not kept. */
  callEvent: (taskId: string, callId: string) =>
    queryOptions({
      queryKey: ["call", callId, "event"],
      queryFn: async () => {
        const page = await answer(
          api.GET("/tasks/{task_id}/events/page", {
            params: { path: { task_id: taskId }, query: { type: "llm_end", q: callId, limit: 1 } },
          }),
        );
        return page.items[0] ?? null;
      },
      staleTime: Number.POSITIVE_INFINITY,
    }),
  checkpoints: (id: string) =>
    queryOptions({
      queryKey: keys.view(id, "checkpoints"),
      queryFn: () => answer(api.GET("/tasks/{task_id}/checkpoints", at(id))),
      ...WHILE_OPEN,
    }),
  effects: (id: string) =>
    queryOptions({
      queryKey: keys.view(id, "effects"),
      queryFn: () => answer(api.GET("/tasks/{task_id}/effects", at(id))),
      ...WHILE_OPEN,
    }),

  /** Questions with what was shown; oldest first, all pages of 500. */
  interrupts: (filters: {
    status?: "pending" | "decided" | "cancelled";
    kind?: InterruptKind;
    task_id?: string;
    sort?: "oldest" | "newest";
    limit?: number;
  }) =>
    queryOptions({
      queryKey: [...keys.interrupts, filters],
      queryFn: () =>
        answer(api.GET("/interrupts", { params: { query: { limit: 500, include: "payload", ...filters } } })),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** Who waits, without what was shown: for the number beside the inbox. */
  waiting: () =>
    queryOptions({
      queryKey: [...keys.interrupts, "waiting"],
      queryFn: () => answer(api.GET("/interrupts", { params: { query: { status: "pending" } } })),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** The newest answers, without what was shown. */
  decided: (limit: number) =>
    queryOptions({
      queryKey: [...keys.interrupts, "decided", limit],
      queryFn: () =>
        answer(api.GET("/interrupts", { params: { query: { status: "decided", sort: "newest", limit } } })),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  interrupt: (taskId: string, id: string) =>
    queryOptions({
      queryKey: [...keys.interrupts, "one", id],
      queryFn: () =>
        answer(
          api.GET("/tasks/{task_id}/interrupts/{interrupt_id}", {
            params: { path: { task_id: taskId, interrupt_id: id } },
          }),
        ),
      staleTime: Number.POSITIVE_INFINITY,
    }),

  agents: () =>
    queryOptions({ queryKey: keys.agents, queryFn: () => answer(api.GET("/agents")), ...WHILE_OPEN }),
  identity: (agent: AgentName) =>
    queryOptions({
      queryKey: [...keys.agents, agent, "identity"],
      queryFn: () => answer(api.GET("/agents/{agent}/identity", { params: { path: { agent } } })),
      ...WHILE_OPEN,
    }),
  rules: (agent: AgentName) =>
    queryOptions({
      queryKey: [...keys.agents, agent, "rules"],
      queryFn: () => answer(api.GET("/agents/{agent}/rules", { params: { path: { agent } } })),
      ...WHILE_OPEN,
    }),
  versions: (agent: AgentName) =>
    queryOptions({
      queryKey: [...keys.agents, agent, "versions"],
      queryFn: () => answer(api.GET("/agents/{agent}/versions", { params: { path: { agent } } })),
      ...WHILE_OPEN,
    }),
  versionDiff: (agent: AgentName, version: number, base?: number) =>
    queryOptions({
      queryKey: [...keys.agents, agent, "diff", version, base],
      queryFn: () =>
        answer(
          api.GET("/agents/{agent}/versions/{version}/diff", {
            params: { path: { agent, version }, query: { base } },
          }),
        ),
      ...WHILE_OPEN,
    }),
  memoryDiffs: (agent: AgentName) =>
    infiniteQueryOptions({
      queryKey: [...keys.agents, agent, "memory-diffs"],
      queryFn: ({ pageParam }) =>
        answer(
          api.GET("/agents/{agent}/memory-diffs", {
            params: { path: { agent }, query: { before: pageParam, limit: 50 } },
          }),
        ),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
      ...WHILE_OPEN,
    }),

  logs: (filters: LogFilters) =>
    infiniteQueryOptions({
      queryKey: [...keys.logs, filters],
      queryFn: ({ pageParam }) =>
        answer(api.GET("/logs", { params: { query: { ...filters, before: pageParam, limit: 100 } } })),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
      ...WHILE_OPEN,
    }),

  /** Keys of the service; only an admin may ask. */
  apiKeys: () => queryOptions({ queryKey: keys.apiKeys, queryFn: () => answer(api.GET("/keys")) }),
  audit: () =>
    infiniteQueryOptions({
      queryKey: keys.audit,
      queryFn: ({ pageParam }) =>
        answer(api.GET("/audit", { params: { query: { before: pageParam, limit: 100 } } })),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
};

function at(id: string) {
  return { params: { path: { task_id: id } } };
}
