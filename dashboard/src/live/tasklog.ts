/** The events of one task as a page shows them: the newest first to be there, older ones on request, new ones as they come. */

import { answer, api } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { AgentName, StoredEvent, TaskEvent } from "@/api/types";
import { hub } from ".";
import type { Hub } from "./hub";

export const TAIL = 200;
const OLDER = 300;
/** As much as the service gives at once, for what takes many pages. */
const MOST = 500;
/** A page of what `keep` leaves out for the most part is followed by more of them until there are so many events. */
const ENOUGH = 20;

export interface LogFilter {
  agent?: AgentName;
  /** Names of event types; none is all. */
  types?: TaskEvent["type"][];
  q?: string;
  /** What the service cannot tell apart: of what it gives, only events of which this holds. */
  keep?: (event: TaskEvent) => boolean;
}

export interface LogView {
  /** Stored events, oldest first. */
  events: readonly StoredEvent[];
  /** Answers that are being written, by call: their text so far. */
  writing: ReadonlyMap<string, string>;
  /** Whether there are older ones to be asked for. */
  more: boolean;
  loading: boolean;
  problem: Problem | null;
}

const EMPTY: LogView = { events: [], writing: new Map(), more: false, loading: true, problem: null };
/** With so many waiting the page is painted ten times a second instead of with each frame. */
const BACKLOG = 40;

/** For `useSyncExternalStore`. Listens from `start` until what that returned is called. */
export class TaskLog {
  private view: LogView = EMPTY;
  private watchers = new Set<() => void>();
  private waiting: StoredEvent[] = [];
  private frame = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private cursor: number | null = null;
  private ends: (() => void)[] = [];
  private generation = 0;
  private asking: Promise<void> | null = null;

  constructor(
    private readonly taskId: string,
    private readonly filter: LogFilter = {},
    private readonly source: Pick<Hub, "listen" | "onReset"> = hub,
  ) {}

  snapshot = (): LogView => this.view;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  start(): () => void {
    this.ends = [this.source.listen(this.take), this.source.onReset(() => void this.load())];
    void this.load();
    return () => this.stop();
  }

  /** Read the tail anew. */
  load(): Promise<void> {
    const generation = ++this.generation;
    this.set({ loading: true });
    return this.ask(generation, async () => {
      const page = await this.page(TAIL);
      if (generation !== this.generation) return null;
      this.cursor = page.next;
      // What came while the page was on its way: it may hold some of it.
      const newest = page.items.at(-1)?.position ?? 0;
      const came = [...this.view.events, ...this.waiting.filter((each) => this.wanted(each))];
      const writing = writingAfter(new Map(), this.waiting);
      this.waiting = [];
      const events = [...page.items, ...came.filter((each) => each.position > newest)];
      return { events, writing, more: page.next !== null, problem: null };
    });
  }

  /** Put older events in front. Asked again meanwhile, it is the same page. */
  older(limit = OLDER): Promise<void> {
    if (this.asking !== null) return this.asking;
    const { cursor, generation } = this;
    if (cursor === null) return Promise.resolve();
    this.set({ loading: true, problem: null });
    return this.ask(generation, async () => {
      const page = await this.page(limit, cursor);
      if (generation !== this.generation) return null;
      this.cursor = page.next;
      const events = [...page.items, ...this.view.events];
      return { events, more: page.next !== null };
    });
  }

  /** Have the event of this number among those that are shown, with everything behind it. */
  async reach(seq: number): Promise<void> {
    await this.asking;
    while (this.view.more && (this.view.events[0]?.seq ?? Number.POSITIVE_INFINITY) > seq) {
      await this.older(MOST);
      if (this.view.problem !== null || this.ends.length === 0) return;
    }
  }

  /** Who watches may ask for the next page as soon as this one is there. */
  private ask(generation: number, work: () => Promise<Partial<LogView> | null>): Promise<void> {
    const asking: Promise<void> = work()
      .catch((error: unknown) => (generation === this.generation ? { problem: asProblem(error) } : null))
      .then((part) => {
        if (this.asking === asking) this.asking = null;
        if (part !== null) this.set({ ...part, loading: false });
      });
    this.asking = asking;
    return asking;
  }

  private async page(
    limit: number,
    before?: number,
    enough = this.filter.keep ? ENOUGH : 1,
  ): Promise<{ items: StoredEvent[]; next: number | null }> {
    const { agent, types, q, keep } = this.filter;
    const query = {
      order: "newest" as const,
      limit: keep ? MOST : limit,
      before,
      agent,
      q,
      type: types?.join(","),
    };
    const params = { path: { task_id: this.taskId }, query };
    const page = await answer(api.GET("/tasks/{task_id}/events/page", { params }));
    const found = page.items.filter(({ event }) => !keep || keep(event)).reverse();
    const next = page.next ?? null;
    if (next === null || found.length >= enough) return { items: found, next };
    const rest = await this.page(limit, next, enough - found.length);
    return { items: [...rest.items, ...found], next: rest.next };
  }

  private take = (events: StoredEvent[]): void => {
    const mine = events.filter((event) => event.task_id === this.taskId);
    if (mine.length === 0) return;
    this.waiting.push(...mine);
    if (this.view.loading && this.view.events.length === 0) return;
    if (this.waiting.length > BACKLOG) this.timer ??= setTimeout(this.flush, 100);
    else if (this.frame === 0 && this.timer === undefined) this.frame = requestAnimationFrame(this.flush);
  };

  private flush = (): void => {
    this.unschedule();
    const newest = this.view.events.at(-1)?.position ?? 0;
    const batch = this.waiting;
    this.waiting = [];
    const fresh = batch.filter((each) => each.position > newest && this.wanted(each));
    const writing = writingAfter(this.view.writing, batch);
    if (fresh.length === 0 && writing === this.view.writing) return;
    this.set({ events: fresh.length > 0 ? [...this.view.events, ...fresh] : this.view.events, writing });
  };

  private wanted({ position, event }: StoredEvent): boolean {
    const { agent, types, q, keep } = this.filter;
    if (position === 0) return false;
    if (agent && (!("agent" in event) || event.agent !== agent)) return false;
    if (types && types.length > 0 && !types.includes(event.type)) return false;
    if (keep && !keep(event)) return false;
    return !q || JSON.stringify(event).toLowerCase().includes(q.toLowerCase());
  }

  private set(part: Partial<LogView>): void {
    this.view = { ...this.view, ...part };
    for (const watcher of this.watchers) watcher();
  }

  private unschedule(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.frame = 0;
    this.timer = undefined;
  }

  private stop(): void {
    this.generation++;
    this.unschedule();
    for (const end of this.ends) end();
    this.ends = [];
  }
}

function writingAfter(
  before: ReadonlyMap<string, string>,
  events: StoredEvent[],
): ReadonlyMap<string, string> {
  let after: Map<string, string> | null = null;
  for (const { event } of events) {
    if (event.type === "llm_delta") {
      after ??= new Map(before);
      after.set(event.call_id, (after.get(event.call_id) ?? "") + event.text);
    } else if (event.type === "llm_end" && (after ?? before).has(event.call_id)) {
      after ??= new Map(before);
      after.delete(event.call_id);
    }
  }
  return after ?? before;
}
