/** What events do to the answers that are kept: the row of a task is changed in place, its views are fetched anew. */

import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { keys, queries, type TaskFilters, type TaskViewName } from "@/api/queries";
import { isFinal, type StoredEvent, type Task, type TaskEvent } from "@/api/types";
import { Batches } from "./batches";

interface TaskPage {
  items: Task[];
  next?: string | null;
}

/** Views that an event of this type makes out of date. What is not named here concerns none. */
const CONCERNS: Partial<Record<TaskEvent["type"], TaskViewName[]>> = {
  "agent.started": ["timeline", "graph"],
  "agent.finished": ["timeline", "graph", "checkpoints"],
  llm_end: ["costs"],
  artifact: ["tree"],
  test: ["tests", "timeline"],
  coverage: ["tests"],
  review: ["reviews"],
  routed: ["timeline", "graph"],
  "interrupt.opened": ["timeline", "graph", "checkpoints"],
  "interrupt.decided": ["timeline", "graph", "checkpoints", "costs"],
  published: ["effects", "timeline"],
};

const FIGURES_MS = 5_000;

/** Applies events to the kept answers; what has to be fetched again is, at most twice a second for each (sums every 5 s). */
export class Reactions {
  private readonly stale: Batches;
  /** Sums over everything move with every call, and cost the most to ask for. */
  private readonly figures: Batches;
  /** What has happened to tasks that are being fetched: their answer may be from before. */
  private readonly fetching = new Map<string, Partial<Task>>();

  constructor(private readonly client: QueryClient) {
    const invalidate = (names: string[]) => {
      for (const name of names) void client.invalidateQueries({ queryKey: JSON.parse(name) as unknown[] });
    };
    this.stale = new Batches(500, invalidate);
    this.figures = new Batches(FIGURES_MS, invalidate);
  }

  take = (events: StoredEvent[]): void => {
    for (const stored of events) this.one(stored);
  };

  /** Everything that is shown is fetched anew: events were missed. */
  reset = (): void => {
    void this.client.invalidateQueries();
  };

  stop(): void {
    this.stale.stop();
    this.figures.stop();
  }

  private one({ task_id: id, event, ts }: StoredEvent): void {
    if (event.type === "task.upsert") {
      const { type: _, ...row } = event;
      this.upsert(id, { ...row, updated_at: ts });
      this.figures.add(JSON.stringify(keys.stats));
      if (isFinal(event)) {
        this.renew(keys.agents);
        this.renew(keys.interrupts);
        for (const view of ["timeline", "graph", "checkpoints", "tree", "effects", "plan"] as const) {
          this.renew(keys.view(id, view));
        }
      }
      return;
    }
    for (const view of CONCERNS[event.type] ?? []) this.renew(keys.view(id, view));
    if (event.type.startsWith("interrupt.")) {
      this.renew(keys.interrupts);
      this.renew(keys.task(id), true);
    }
    // The planner has finished a little before its plan can be read: that is when its files are committed.
    if (event.type === "artifact" && event.agent === "planner") this.renew(keys.view(id, "plan"));
    if (
      event.type === "agent.finished" ||
      event.type === "llm_end" ||
      event.type === "demo.started" ||
      event.type === "demo.ended"
    ) {
      this.renew(keys.task(id), true);
    }
  }

  private renew(key: readonly unknown[], exact = false): void {
    if (exact) {
      if (this.client.getQueryState(key)) this.stale.add(JSON.stringify(key));
    } else {
      this.stale.add(JSON.stringify(key));
    }
  }

  /** Put what an event says of a task into every list and view that has it; a task that is new to a list is fetched. */
  private upsert(id: string, change: Partial<Task>): void {
    const early = this.fetching.get(id);
    if (early) this.fetching.set(id, { ...early, ...change });
    else if (this.client.getQueryState(keys.task(id))?.fetchStatus === "fetching") {
      // The answer that is on its way may not know of this yet.
      this.renew(keys.task(id), true);
    }
    this.client.setQueryData<Task>(keys.task(id), (task) => task && { ...task, ...change });
    const lists = this.client.getQueriesData<InfiniteData<TaskPage>>({ queryKey: keys.tasks });
    const unknown = lists.some(
      ([key, data]) => data && mayHave(key[1] as TaskFilters, change) && !has(data, id),
    );
    for (const [key, data] of lists) {
      if (data) this.client.setQueryData(key, patched(data, id, change, key[1] as TaskFilters));
    }
    if (unknown) void this.fetchNew(id);
  }

  private async fetchNew(id: string): Promise<void> {
    if (this.fetching.has(id)) return;
    this.fetching.set(id, {});
    const answer = await this.client.fetchQuery(queries.task(id)).catch(() => null);
    const later = this.fetching.get(id);
    this.fetching.delete(id);
    if (answer === null) return;
    const task: Task = { ...answer, ...later };
    this.client.setQueryData(keys.task(id), task);
    for (const [key, data] of this.client.getQueriesData<InfiniteData<TaskPage>>({ queryKey: keys.tasks })) {
      if (data) this.client.setQueryData(key, withNew(data, task, key[1] as TaskFilters));
    }
  }
}

function has(data: InfiniteData<TaskPage>, id: string): boolean {
  return data.pages.some((page) => page.items.some((each) => each.task_id === id));
}

/** Whether a task of this status can be in a list with these filters; the rest of it is not known yet. */
function mayHave({ status }: TaskFilters, change: Partial<Task>): boolean {
  return !status || status.length === 0 || change.status === undefined || status.includes(change.status);
}

function patched(
  data: InfiniteData<TaskPage>,
  id: string,
  change: Partial<Task>,
  filters: TaskFilters,
): InfiniteData<TaskPage> {
  const pages = data.pages.map((page) => ({
    ...page,
    items: page.items
      .map((task) => (task.task_id === id ? { ...task, ...change } : task))
      .filter((task) => task.task_id !== id || belongs(task, filters)),
  }));
  return { ...data, pages };
}

function withNew(data: InfiniteData<TaskPage>, task: Task, filters: TaskFilters): InfiniteData<TaskPage> {
  const [first, ...rest] = data.pages;
  if (!first || has(data, task.task_id) || !belongs(task, filters)) return data;
  const at = first.items.findIndex((each) => each.created_at <= task.created_at);
  if (at === -1 && data.pages.length > 1) return data;
  const items = [...first.items];
  items.splice(at === -1 ? items.length : at, 0, task);
  return { ...data, pages: [{ ...first, items }, ...rest] };
}

/** Whether a list with these filters has the task in it. */
export function belongs(task: Task, filters: TaskFilters): boolean {
  const { status, q, workflow, caller } = filters;
  if (status && status.length > 0 && !status.includes(task.status)) return false;
  if (workflow && task.workflow !== workflow) return false;
  if (caller && task.caller !== caller) return false;
  if (!q) return true;
  const text = `${task.task_description}\n${task.task_id}`.toLowerCase();
  return text.includes(q.toLowerCase());
}
