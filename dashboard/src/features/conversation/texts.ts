/** Beginnings of what was asked and answered, fetched for the calls that are looked at and kept: an ended call never changes. */

import { answer, api } from "@/api/client";
import type { CallView } from "@/api/types";

interface CallPage {
  items: CallView[];
  next?: string | null;
}

const PAGE = 100;
const PAGES_AT_ONCE = 20;
/** Between two fetches. */
export const EVERY_MS = 400;
/** A call that just ended may be written down a moment later. */
const TRIES = 4;

export class CallTexts {
  private known = new Map<string, CallView>();
  private wanted = new Map<string, number>();
  private tries = new Map<string, number>();
  private watchers = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Where the pages that are known without a gap end; undefined before the first. */
  private deep: string | null | undefined;

  constructor(
    taskId: string,
    private readonly fetchPage: (before?: string) => Promise<CallPage> = (before) => page(taskId, before),
  ) {}

  /** The beginning; null when there is none to be had, undefined while it is looked for. */
  get(callId: string): CallView | null | undefined {
    return this.known.get(callId) ?? ((this.tries.get(callId) ?? 0) >= TRIES ? null : undefined);
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** This call is looked at, until what is returned is called. */
  want(callId: string): () => void {
    if (this.known.has(callId)) return () => undefined;
    this.wanted.set(callId, (this.wanted.get(callId) ?? 0) + 1);
    this.plan(30);
    return () => {
      const left = (this.wanted.get(callId) ?? 1) - 1;
      if (left > 0) this.wanted.set(callId, left);
      else this.wanted.delete(callId);
    };
  }

  private plan(ms: number): void {
    this.timer ??= setTimeout(() => void this.fetch(), ms);
  }

  private missing(): string[] {
    return [...this.wanted.keys()].filter((id) => this.get(id) === undefined);
  }

  private async fetch(): Promise<void> {
    try {
      if (this.missing().length > 0) await this.newest();
      for (let pages = 0; pages < PAGES_AT_ONCE && this.missing().length > 0 && this.deep; pages++) {
        this.deep = this.take(await this.fetchPage(this.deep)).next ?? null;
      }
    } catch {
      // Whole texts can still be asked for one by one; here it is tried again.
    }
    for (const id of this.missing()) this.tries.set(id, (this.tries.get(id) ?? 0) + 1);
    this.timer = undefined;
    for (const watcher of this.watchers) watcher();
    if (this.missing().length > 0) this.plan(EVERY_MS * 2);
    else if (this.wanted.size > 0) this.timer = setTimeout(this.rested, EVERY_MS);
  }

  private rested = (): void => {
    this.timer = undefined;
    if (this.missing().length > 0) this.plan(0);
  };

  /** From the newest one on until one is met that is known. */
  private async newest(): Promise<void> {
    let before: string | undefined;
    const first = this.deep === undefined;
    for (let pages = 0; pages < PAGES_AT_ONCE; pages++) {
      const got = await this.fetchPage(before);
      const met = got.items.some((each) => this.known.has(each.call_id));
      this.take(got);
      if (first) this.deep = got.next ?? null;
      if (first || met || got.next == null) return;
      before = got.next;
    }
  }

  private take(got: CallPage): CallPage {
    for (const each of got.items) {
      this.known.set(each.call_id, each);
      this.wanted.delete(each.call_id);
    }
    return got;
  }
}

function page(task_id: string, before?: string): Promise<CallPage> {
  const query = { before, limit: PAGE };
  return answer(api.GET("/tasks/{task_id}/calls", { params: { path: { task_id }, query } }));
}
