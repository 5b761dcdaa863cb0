import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StoredEvent, TaskEvent } from "@/api/types";
import { json, notice, serve, stored } from "@/testing/events";
import { until } from "@/testing/until";
import { type LogFilter, TaskLog } from "./tasklog";

class FakeHub {
  listeners = new Set<(events: StoredEvent[]) => void>();
  resets = new Set<() => void>();
  listen(listener: (events: StoredEvent[]) => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  onReset(listener: () => void) {
    this.resets.add(listener);
    return () => this.resets.delete(listener);
  }
  send(...events: StoredEvent[]) {
    for (const listener of this.listeners) listener(events);
  }
}

const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => stored(from + index, notice(`n${from + index}`)));

/** The service's page of a log of notices 1 to `newest`. */
function pageOf(newest: number) {
  return (url: URL) => {
    const before = Number(url.searchParams.get("before") ?? newest + 1);
    const limit = Number(url.searchParams.get("limit"));
    const from = Math.max(1, before - limit);
    const items = before > 1 ? events(from, before - 1).reverse() : [];
    return json({ items, next: from > 1 ? from : null });
  };
}

const seqs = (log: TaskLog) => log.snapshot().events.map((each) => each.seq);
const range = (from: number, to: number) => events(from, to).map((each) => each.seq);

let hub: FakeHub;
let ends: (() => void)[] = [];

function started(filter: LogFilter = {}): TaskLog {
  const log = new TaskLog("t1", filter, hub);
  ends.push(log.start());
  return log;
}

async function loaded(log: TaskLog) {
  await until(() => expect(log.snapshot().loading).toBe(false));
}

beforeEach(() => {
  hub = new FakeHub();
});
afterEach(() => {
  for (const end of ends) end();
  ends = [];
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("the newest 200 are there first, and older ones come in front without a gap", async () => {
  const made = serve(pageOf(450));
  const log = started();
  await loaded(log);
  expect(seqs(log)).toEqual(range(251, 450));
  expect(log.snapshot().more).toBe(true);
  await log.older();
  expect(seqs(log)).toEqual(range(1, 450));
  expect(log.snapshot().more).toBe(false);
  await log.older();
  expect(made).toHaveLength(2);
});

test("events that come while the tail is on its way are there once", async () => {
  let release: (response: Response) => void = () => undefined;
  const made = serve(() => new Promise<Response>((resolve) => (release = resolve)));
  const log = started();
  await until(() => expect(made).toHaveLength(1));
  hub.send(...events(2, 4));
  release(json({ items: events(1, 3).reverse(), next: null }));
  await loaded(log);
  expect(seqs(log)).toEqual([1, 2, 3, 4]);
});

test("events that come while the log is read anew after a reset are not lost", async () => {
  serve(pageOf(3));
  const log = started();
  await loaded(log);
  let release: (response: Response) => void = () => undefined;
  const made = serve(() => new Promise<Response>((resolve) => (release = resolve)));
  for (const reset of hub.resets) reset();
  hub.send(stored(5, notice("n5")));
  await until(() => expect(seqs(log)).toContain(5));
  await until(() => expect(made).toHaveLength(1));
  release(json({ items: events(1, 4).reverse(), next: null }));
  await until(() => expect(seqs(log)).toEqual([1, 2, 3, 4, 5]));
});

test("an event that the filter does not want stays out, whether it comes during the load or after it", async () => {
  let release: (response: Response) => void = () => undefined;
  const made = serve(() => new Promise<Response>((resolve) => (release = resolve)));
  const log = started({ types: ["notice"], q: "Wanted" });
  await until(() => expect(made).toHaveLength(1));
  hub.send(stored(1, notice("other")), stored(2, notice("is wanted")));
  release(json({ items: [], next: null }));
  await loaded(log);
  expect(seqs(log)).toEqual([2]);
  hub.send(
    stored(3, notice("wanted too")),
    stored(4, notice("other")),
    stored(5, notice("wanted"), { task_id: "t2" }),
  );
  await until(() => expect(seqs(log)).toEqual([2, 3]));
  const url = new URL(made[0]?.url ?? "");
  expect([url.searchParams.get("type"), url.searchParams.get("q")]).toEqual(["notice", "Wanted"]);
});

test("what is kept by a rule of the page is looked for page by page until there is enough", async () => {
  const made = serve(pageOf(1_500));
  const log = started({ keep: (event) => event.type === "notice" && /[05]7$/.test(event.text) });
  await loaded(log);
  expect(made.length).toBe(2);
  expect(seqs(log)).toHaveLength(20);
  expect(log.snapshot().more).toBe(true);
});

test("a text that is being written grows by its pieces and goes when the call ends", async () => {
  serve(pageOf(1));
  const log = started();
  await loaded(log);
  const piece = (text: string): TaskEvent => ({ type: "llm_delta", agent: "planner", call_id: "c1", text });
  hub.send(stored(0, piece("Hel"), { position: 0 }), stored(0, piece("lo"), { position: 0 }));
  await until(() => expect(log.snapshot().writing.get("c1")).toBe("Hello"));
  expect(seqs(log)).toEqual([1]);
  hub.send(stored(2, llmEnd("c1")));
  await until(() => expect(log.snapshot().writing.size).toBe(0));
  expect(seqs(log)).toEqual([1, 2]);
});

test("a burst is shown ten times a second instead of event by event", async () => {
  serve(pageOf(1));
  const log = started();
  await loaded(log);
  let paints = 0;
  log.watch(() => paints++);
  for (let seq = 2; seq <= 301; seq++) hub.send(stored(seq, notice("burst")));
  await until(() => expect(seqs(log)).toHaveLength(301));
  expect(paints).toBeLessThanOrEqual(3);
});

test("who watches can ask for the next page as soon as one is there", async () => {
  serve(pageOf(1_400));
  const log = started();
  log.watch(() => {
    const { more, loading } = log.snapshot();
    if (more && !loading) void log.older();
  });
  await until(() => expect(seqs(log)).toHaveLength(1_400));
});

test("to reach an old event, pages are read until it is there", async () => {
  serve(pageOf(900));
  const log = started();
  await log.reach(120);
  expect(seqs(log)[0]).toBeLessThanOrEqual(120);
  expect(seqs(log)).toEqual(range(seqs(log)[0] ?? 0, 900));
});

test("to reach an event while a page is on its way waits for that page instead of spinning", async () => {
  const made = serve(pageOf(450));
  const log = started();
  await loaded(log);
  await Promise.all([log.older(), log.reach(1), log.older()]);
  expect(seqs(log)).toEqual(range(1, 450));
  expect(made).toHaveLength(2);
});

test("a page that fails says why and can be asked for again", async () => {
  serve(pageOf(450));
  const log = started();
  await loaded(log);
  serve(() => json({ title: "Internal error", detail: "no luck", status: 500 }, 500));
  await log.older();
  expect(log.snapshot().problem?.message).toBe("no luck");
  expect(seqs(log)).toEqual(range(251, 450));
  serve(pageOf(450));
  await log.reach(1);
  expect(log.snapshot().problem).toBeNull();
  expect(seqs(log)).toEqual(range(1, 450));
});

test("a log that has ended changes no more", async () => {
  serve(pageOf(3));
  const log = started();
  await loaded(log);
  for (const end of ends) end();
  hub.send(stored(4, notice("late")));
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(seqs(log)).toEqual([1, 2, 3]);
});

function llmEnd(call_id: string): TaskEvent {
  return {
    type: "llm_end",
    agent: "planner",
    model: "m",
    prompt_name: "planner/plan",
    call_id,
    usage: { input_tokens: 1, output_tokens: 1, cache_read_tokens: 0, cache_write_tokens: 0 },
    cost_usd: 0,
    seconds: 1,
    success: true,
    error: "",
  };
}
