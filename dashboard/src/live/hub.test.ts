import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Gate } from "@/api/gate";
import { setApiKey } from "@/api/key";
import type { StoredEvent } from "@/api/types";
import { json, notice, stored } from "@/testing/events";
import { until } from "@/testing/until";
import { Hub } from "./hub";

/** The service: a log of which one knows the newest position, and the streams that were asked for. */
class Service {
  newest = 0;
  status = 200;
  refusedStreams = 0;
  streams: { lastId: string | null; write: (text: string) => void; close: () => void; open: boolean }[] = [];

  fetch = (input: URL, init: RequestInit = {}): Promise<Response> => {
    if (this.status !== 200) {
      const body = { title: "No", detail: "refused", status: this.status };
      return Promise.resolve(json(body, this.status));
    }
    if (input.pathname === "/events/page") {
      const items = this.newest > 0 ? [stored(this.newest, notice("newest"))] : [];
      return Promise.resolve(json({ items, next: null }));
    }
    if (this.refusedStreams > 0) {
      this.refusedStreams -= 1;
      return Promise.resolve(json({ title: "No", detail: "refused", status: 503 }, 503));
    }
    return Promise.resolve(this.stream(init));
  };

  private stream(init: RequestInit): Response {
    let to: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        to = controller;
      },
    });
    const headers = new Headers(init.headers);
    const made = {
      lastId: headers.get("Last-Event-ID"),
      open: true,
      write: (text: string) => to?.enqueue(new TextEncoder().encode(text)),
      close: () => {
        if (made.open) to?.close();
        made.open = false;
      },
    };
    init.signal?.addEventListener("abort", () => {
      if (made.open) to?.error(new DOMException("aborted", "AbortError"));
      made.open = false;
    });
    this.streams.push(made);
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }

  send(...positions: number[]): void {
    const text = positions.map((position) => {
      const event = stored(position, notice(`n${position}`), { task_id: "t" });
      return `${position > 0 ? `id: ${position}\n` : ""}event: notice\ndata: ${JSON.stringify(event)}\n\n`;
    });
    this.live()?.write(text.join(""));
    this.newest = Math.max(this.newest, ...positions);
  }

  live() {
    return this.streams.findLast((each) => each.open);
  }
}

/** Web Locks of one browser: whoever asks waits for those before. */
class Locks {
  private tail: Promise<unknown> = Promise.resolve();
  request = (_: string, { signal }: { signal: AbortSignal }, work: () => Promise<void>): Promise<void> => {
    const turn = this.tail.then(() => (signal.aborted ? undefined : work()));
    this.tail = turn.catch(() => undefined);
    return turn;
  };
}

/** Broadcast channels of one browser: a message goes to all others, a moment later. */
class Channel {
  static all = new Set<Channel>();
  onmessage: ((message: { data: unknown }) => void) | null = null;
  constructor() {
    Channel.all.add(this);
  }
  postMessage(data: unknown) {
    const copy = structuredClone(data);
    for (const other of Channel.all) {
      if (other !== this) queueMicrotask(() => Channel.all.has(other) && other.onmessage?.({ data: copy }));
    }
  }
  close() {
    Channel.all.delete(this);
  }
}

interface Tab {
  hub: Hub;
  batches: number[][];
  resets: number;
}

let service: Service;
let tabs: Tab[];

function tab(): Tab {
  const hub = new Hub(new Gate());
  const made: Tab = { hub, batches: [], resets: 0 };
  hub.listen((events: StoredEvent[]) => void made.batches.push(events.map((each) => each.position)));
  hub.onReset(() => void made.resets++);
  hub.start();
  tabs.push(made);
  return made;
}

const seen = (of: Tab) => of.batches.flat();
const live = (of: Tab) => until(() => expect(of.hub.status.state).toBe("live"));

beforeEach(() => {
  service = new Service();
  tabs = [];
  Channel.all.clear();
  vi.stubGlobal("fetch", service.fetch);
  vi.stubGlobal("BroadcastChannel", Channel);
  Object.defineProperty(navigator, "locks", { value: new Locks(), configurable: true });
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => {
  for (const each of tabs) each.hub.stop();
  setApiKey(null);
  Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
  Object.defineProperty(document, "hidden", { value: false, configurable: true });
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a batch is delivered once and in order, to the tab that reads and to the others", async () => {
  service.newest = 4;
  const [first, second] = [tab(), tab()];
  await live(first);
  await live(second);
  service.send(5, 6, 7);
  await until(() => expect(seen(second)).toEqual([5, 6, 7]));
  expect(first.batches).toEqual([[5, 6, 7]]);
  expect(second.batches).toEqual([[5, 6, 7]]);
  expect(service.streams).toHaveLength(1);
  expect([first.hub.status.leads, second.hub.status.leads]).toEqual([true, false]);
});

test("an event that comes a second time is left out, a live-only one never", async () => {
  service.newest = 4;
  const one = tab();
  await live(one);
  service.send(5);
  await until(() => expect(seen(one)).toEqual([5]));
  service.send(5, 0, 6, 0);
  await until(() => expect(seen(one)).toEqual([5, 0, 6, 0]));
});

test("the stream begins behind the newest position that was known when the page began", async () => {
  service.newest = 12;
  await live(tab());
  expect(service.streams[0]?.lastId).toBe("12");
});

test("a follower becomes the leader when that leaves, and goes on at its last position", async () => {
  service.newest = 4;
  const [first, second] = [tab(), tab()];
  await live(second);
  service.send(5, 6);
  await until(() => expect(seen(second)).toEqual([5, 6]));
  first.hub.stop();
  await until(() => expect(service.streams).toHaveLength(2));
  expect(service.streams[1]?.lastId).toBe("6");
  await live(second);
  expect(second.hub.status.leads).toBe(true);
  service.send(7);
  await until(() => expect(seen(second)).toEqual([5, 6, 7]));
  expect(second.resets).toBe(0);
});

test("a connection that ends is made anew behind the last event, and says meanwhile that it tries", async () => {
  service.newest = 1;
  const one = tab();
  await live(one);
  service.send(2, 3);
  await until(() => expect(seen(one)).toEqual([2, 3]));
  service.live()?.close();
  await until(() => expect(one.hub.status).toMatchObject({ state: "reconnecting", tries: 1 }));
  await live(one);
  expect(service.streams[1]?.lastId).toBe("3");
  expect(one.hub.status.tries).toBe(0);
});

test("each failure counts, and who asks to reconnect does not wait", async () => {
  const one = tab();
  await live(one);
  service.status = 503;
  service.live()?.close();
  await until(() => expect(one.hub.status.tries).toBe(1));
  one.hub.reconnect();
  await until(() => expect(one.hub.status.tries).toBe(2));
  service.status = 200;
  one.hub.reconnect();
  await live(one);
});

test("without a valid key it stops and asks; with one it goes on", async () => {
  service.status = 401;
  const one = tab();
  await until(() => expect(one.hub.status.state).toBe("unauthorised"));
  const asked = vi.fn(service.fetch);
  vi.stubGlobal("fetch", asked);
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect(asked).not.toHaveBeenCalled();
  service.status = 200;
  const states: string[] = [];
  one.hub.watch(() => void states.push(one.hub.status.state));
  one.hub.reconnect();
  await live(one);
  expect(states).toEqual(["connecting", "live"]);
});

test("what was asked for before any position was known is asked for again, also when the stream fails first", async () => {
  service.status = 503;
  const one = tab();
  await until(() => expect(one.hub.status.tries).toBe(1));
  service.status = 200;
  service.newest = 9;
  service.refusedStreams = 1;
  one.hub.reconnect();
  await until(() => expect(one.hub.status.tries).toBe(2));
  expect(one.resets).toBe(0);
  one.hub.reconnect();
  await live(one);
  expect(one.resets).toBe(1);
});

test("a follower whose key may be taken leads in place of a tab that was refused", async () => {
  service.status = 401;
  const [first, second] = [tab(), tab()];
  await until(() => expect(second.hub.status.state).toBe("unauthorised"));
  service.status = 200;
  second.hub.reconnect();
  await live(first);
  await live(second);
  expect([first.hub.status.leads, second.hub.status.leads]).toEqual([false, true]);
});

test("each tab tries a key once, and none goes on asking with keys that were refused", async () => {
  service.status = 401;
  const three = [tab(), tab(), tab()];
  for (const each of three) await until(() => expect(each.hub.status.state).toBe("unauthorised"));
  const asked = vi.fn(service.fetch);
  vi.stubGlobal("fetch", asked);
  setApiKey("another");
  three[1]?.hub.reconnect();
  await until(() => expect(asked).toHaveBeenCalledTimes(3));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(asked).toHaveBeenCalledTimes(3);
  expect(three.filter((each) => each.hub.status.leads)).toHaveLength(1);
  expect(three.map((each) => each.hub.status.state)).toEqual(Array(3).fill("unauthorised"));
});

test("a reset reaches every tab, and each goes on from there", async () => {
  service.newest = 50;
  const [first, second] = [tab(), tab()];
  await live(second);
  service.live()?.write("event: reset\ndata: {}\n\n");
  await until(() => expect(second.resets).toBe(1));
  expect(first.resets).toBe(1);
  service.send(3);
  await until(() => expect(seen(second)).toEqual([3]));
  expect(seen(first)).toEqual([3]);
});

test("a connection that is lost right after a reset refetches once more", async () => {
  service.newest = 50;
  const one = tab();
  await live(one);
  service.live()?.write("event: reset\ndata: {}\n\n");
  await until(() => expect(one.resets).toBe(1));
  service.live()?.close();
  await until(() => expect(one.resets).toBe(2));
});

test("a tab that comes later is told how the connection is doing", async () => {
  await live(tab());
  const late = tab();
  await live(late);
  expect(service.streams).toHaveLength(1);
});

test("where there are no locks each tab has a stream, and gives it up while it is hidden", async () => {
  Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
  const [first, second] = [tab(), tab()];
  await live(first);
  await live(second);
  expect(service.streams).toHaveLength(2);
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
  await until(() => expect(first.hub.status.state).toBe("paused"));
  expect(service.streams.filter((each) => each.open)).toHaveLength(0);
  Object.defineProperty(document, "hidden", { value: false, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
  await live(first);
});

test("a tab that stops reads no more", async () => {
  const one = tab();
  await live(one);
  one.hub.stop();
  await until(() => expect(service.streams.some((each) => each.open)).toBe(false));
  expect(seen(one)).toEqual([]);
});
