import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { setApiKey } from "@/api/key";
import type { StoredEvent } from "@/api/types";
import { json, notice, serve, stored } from "@/testing/events";
import { newestPosition, readEvents, WATCHDOG_MS } from "./sse";

/** A body that is written piece by piece. */
function stream() {
  let to: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      to = controller;
    },
  });
  return {
    response: new Response(body, { headers: { "Content-Type": "text/event-stream" } }),
    write: (text: string) => to?.enqueue(new TextEncoder().encode(text)),
    bytes: (bytes: Uint8Array) => to?.enqueue(bytes),
    end: () => to?.close(),
  };
}

function wire(event: StoredEvent): string {
  const head = event.position > 0 ? `id: ${event.position}\n` : "";
  return `${head}event: ${event.event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function recorder() {
  const seen: unknown[] = [];
  return {
    seen,
    onOpen: () => void seen.push("open"),
    onEvents: (events: StoredEvent[]) => void seen.push(events.map((each) => each.seq)),
    onReset: () => void seen.push("reset"),
  };
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));
const never = () => new AbortController().signal;

beforeEach(() => setApiKey(null));
afterEach(() => {
  setApiKey(null);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("what comes together is one batch, in order, and comments are no events", async () => {
  const { response, write, end } = stream();
  serve(() => response);
  const to = recorder();
  const reading = readEvents(null, never(), to);
  write(": connected\n\n");
  await tick();
  write(wire(stored(1, notice("a"))) + wire(stored(2, notice("b"))));
  await tick();
  write(wire(stored(3, notice("c"))));
  await tick();
  end();
  await reading;
  expect(to.seen).toEqual(["open", [1, 2], [3]]);
});

test("an event that is cut anywhere, even inside a letter, is put together again", async () => {
  const { response, bytes, end } = stream();
  serve(() => response);
  let text = "";
  const reading = readEvents(null, never(), {
    ...recorder(),
    onEvents: ([event]) => {
      if (event?.event.type === "notice") text = event.event.text;
    },
  });
  for (const byte of new TextEncoder().encode(wire(stored(1, notice("größer ✓"))))) {
    bytes(Uint8Array.of(byte));
  }
  await tick();
  end();
  await reading;
  expect(text).toBe("größer ✓");
});

test("what came before a reset is handed on before it", async () => {
  const { response, write, end } = stream();
  serve(() => response);
  const to = recorder();
  const reading = readEvents(null, never(), to);
  write(`${wire(stored(1, notice("a")))}event: reset\ndata: {}\n\n${wire(stored(9, notice("b")))}`);
  await tick();
  end();
  await reading;
  expect(to.seen).toEqual(["open", [1], "reset", [9]]);
});

test("it asks for what is behind its position, with the key in a header and not in the address", async () => {
  setApiKey("secret");
  const { response, end } = stream();
  const made = serve(() => response);
  const reading = readEvents(41, never(), recorder());
  end();
  await reading;
  expect(made[0]?.headers.get("Last-Event-ID")).toBe("41");
  expect(made[0]?.headers.get("X-API-Key")).toBe("secret");
  expect(made[0]?.headers.get("Accept")).toBe("text/event-stream");
  expect(made[0]?.url).not.toContain("secret");
});

test("without a position it names none", async () => {
  const { response, end } = stream();
  const made = serve(() => response);
  const reading = readEvents(null, never(), recorder());
  end();
  await reading;
  expect(made[0]?.headers.has("Last-Event-ID")).toBe(false);
});

test("a refusal is thrown as the service said it", async () => {
  serve(() => json({ title: "Unauthorized", detail: "a key is needed", status: 401 }, 401));
  await expect(readEvents(null, never(), recorder())).rejects.toMatchObject({
    status: 401,
    message: "a key is needed",
  });
});

test("a stream that is silent for 45 seconds is given up; a comment in time keeps it", async () => {
  vi.useFakeTimers();
  const { response, write } = stream();
  let signal: AbortSignal | null | undefined;
  vi.stubGlobal("fetch", (_: URL, init: RequestInit) => {
    signal = init.signal;
    signal?.addEventListener("abort", () => void response.body?.cancel().catch(() => undefined));
    return Promise.resolve(response);
  });
  void readEvents(null, never(), recorder()).catch(() => undefined);
  await vi.advanceTimersByTimeAsync(WATCHDOG_MS - 1_000);
  write(": keep-alive\n\n");
  await vi.advanceTimersByTimeAsync(WATCHDOG_MS - 1_000);
  expect(signal?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(signal?.aborted).toBe(true);
});

test("the newest position of an empty log is 0", async () => {
  serve(() => json({ items: [], next: null }));
  expect(await newestPosition()).toBe(0);
  serve(() => json({ items: [stored(7, notice("a"))], next: null }));
  expect(await newestPosition()).toBe(7);
});
