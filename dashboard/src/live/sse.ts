/** One connection of server-sent events over `fetch`, which can send a key in a header. It does not reconnect. */

import { createParser } from "eventsource-parser";
import { headers } from "@/api/client";
import { problemOf } from "@/api/problem";
import type { StoredEvent } from "@/api/types";

/** Longer than the service's own 15 s between comments: three of them are missing. */
export const WATCHDOG_MS = 45_000;

export interface SseHandlers {
  /** The answer has begun. */
  onOpen(): void;
  onEvents(events: StoredEvent[]): void;
  /** The service cannot go on where it was asked to: what is known is to be fetched anew. */
  onReset(): void;
}

/** The position of the newest event of all; 0 where there is none yet. */
export async function newestPosition(): Promise<number> {
  const response = await fetch(new URL("/events/page?order=newest&limit=1", location.origin), {
    headers: headers(),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw await problemOf(response);
  const page = (await response.json()) as { items: StoredEvent[] };
  return page.items[0]?.position ?? 0;
}

/** Reads until the connection ends, `signal` is aborted or nothing came for 45 s. Throws a Problem when it is refused. */
export async function readEvents(
  lastEventId: number | null,
  signal: AbortSignal,
  to: SseHandlers,
): Promise<void> {
  const stop = new AbortController();
  const watchdog = new Watchdog(WATCHDOG_MS, () => stop.abort(new DOMException("silence", "TimeoutError")));
  try {
    const response = await fetch(new URL("/events", location.origin), {
      headers: { ...headers(), Accept: "text/event-stream", ...resume(lastEventId) },
      signal: AbortSignal.any([signal, stop.signal]),
      cache: "no-store",
    });
    if (!response.ok || response.body === null) throw await problemOf(response);
    to.onOpen();
    await pump(response.body, watchdog, to);
  } finally {
    watchdog.stop();
  }
}

function resume(lastEventId: number | null): Record<string, string> {
  return lastEventId === null ? {} : { "Last-Event-ID": String(lastEventId) };
}

async function pump(body: ReadableStream<Uint8Array>, watchdog: Watchdog, to: SseHandlers): Promise<void> {
  let batch: StoredEvent[] = [];
  const parser = createParser({
    onEvent(message) {
      if (message.event === "reset") {
        if (batch.length > 0) to.onEvents(batch);
        batch = [];
        to.onReset();
      } else {
        batch.push(JSON.parse(message.data) as StoredEvent);
      }
    },
  });
  const reader = body
    .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
    .getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    watchdog.feed();
    parser.feed(value);
    if (batch.length > 0) to.onEvents(batch);
    batch = [];
  }
}

class Watchdog {
  private timer: ReturnType<typeof setTimeout>;

  constructor(
    private readonly ms: number,
    private readonly bark: () => void,
  ) {
    this.timer = setTimeout(bark, ms);
  }

  feed(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.bark, this.ms);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
