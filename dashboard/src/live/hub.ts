/** The one stream of this browser: a tab that leads reads it and hands it on to the others. */

import type { Gate } from "@/api/gate";
import { apiKey } from "@/api/key";
import { asProblem } from "@/api/problem";
import type { StoredEvent } from "@/api/types";
import { Backoff } from "./backoff";
import { newestPosition, readEvents } from "./sse";

export type LiveState = "connecting" | "live" | "reconnecting" | "unauthorised" | "paused";

export interface LiveStatus {
  state: LiveState;
  /** How often connecting has failed since it last worked. */
  tries: number;
  /** Whether this tab is the one that reads the stream. */
  leads: boolean;
}

type Listener = (events: StoredEvent[]) => void;
type Message =
  | { kind: "events"; events: StoredEvent[] }
  | { kind: "status"; state: LiveState; tries: number }
  | { kind: "reset" }
  | { kind: "hello" }
  | { kind: "reconnect" }
  /** Whoever says so may have a key that is taken, and the leader was refused. */
  | { kind: "turn" };

const LOCK = "autonomy.stream";
const CHANNEL = "autonomy.stream";
/** From so many failures on views are fetched every 15 seconds instead, and say so. */
export const FALLBACK_TRIES = 3;
export const FALLBACK_MS = 15_000;

/**
 * Events reach each listener in order and once. `status` is for `useSyncExternalStore`.
 *
 * Where there is no Web Lock (a page that is not a secure context) each tab has a stream of its own, and gives it up
 * while it is hidden: browsers open six connections to a service at most.
 */
export class Hub {
  private listeners = new Set<Listener>();
  private resets = new Set<() => void>();
  private watchers = new Set<() => void>();
  private current: LiveStatus = { state: "connecting", tries: 0, leads: false };
  private last: number | null = null;
  private channel: BroadcastChannel | null = null;
  private connection: AbortController | null = null;
  private ended = new AbortController();
  private backoff = new Backoff();
  private placing: Promise<number> | null = null;
  private worked = false;
  /** Answers may be older than the position that the stream begins behind. */
  private missed = false;
  /** The key that this tab, leading, was refused with. */
  private refusedKey: string | null = null;
  /** Another tab may have a key that is taken: it leads next. */
  private makesRoom = false;
  private shared = typeof navigator.locks?.request === "function" && typeof BroadcastChannel === "function";

  constructor(private readonly gate: Gate) {}

  get status(): LiveStatus {
    return this.current;
  }

  start(): void {
    // Whoever leads: this tab's own answers are to begin behind a position that it knows.
    this.place().catch(() => {
      this.missed = true;
      this.gate.open();
    });
    if (!this.shared) {
      document.addEventListener("visibilitychange", this.onVisibility);
      void this.lead(this.ended.signal);
      return;
    }
    this.channel = new BroadcastChannel(CHANNEL);
    this.channel.onmessage = (message: MessageEvent<Message>) => this.receive(message.data);
    this.say({ kind: "hello" });
    void this.takeTurns(this.ended.signal);
  }

  stop(): void {
    this.ended.abort();
    this.connection?.abort();
    this.channel?.close();
    document.removeEventListener("visibilitychange", this.onVisibility);
  }

  /** Events from now on, in batches as they came. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Called when events may have been missed for good. */
  onReset(listener: () => void): () => void {
    this.resets.add(listener);
    return () => this.resets.delete(listener);
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Try again at once: a person asked, or there is another key. */
  reconnect(): void {
    if (this.current.leads) {
      this.backoff.skip();
      this.connection?.abort();
    } else {
      this.say({ kind: this.current.state === "unauthorised" ? "turn" : "reconnect" });
    }
  }

  private async takeTurns(ended: AbortSignal): Promise<void> {
    try {
      while (!ended.aborted) await navigator.locks.request(LOCK, { signal: ended }, () => this.lead(ended));
    } catch {
      // This tab stops, or its browser gives it no lock: it goes on with what others hand to it.
    }
  }

  /** Until `ended` is aborted, or a tab that has another key is to try it. */
  private async lead(ended: AbortSignal): Promise<void> {
    this.change({ leads: true });
    while (!ended.aborted) {
      await this.visible(ended);
      const key = apiKey();
      const failed = await this.connect();
      if (ended.aborted) return;
      if (failed?.status === 401) {
        this.refusedKey = key;
        this.publish("unauthorised", 0);
        await this.backoff.skipped(ended);
        if (ended.aborted) return;
        this.publish("connecting", 0);
        if (!this.makesRoom) continue;
        this.makesRoom = false;
        return this.change({ leads: false });
      }
      const tries = this.current.tries + 1;
      this.publish("reconnecting", tries);
      await this.backoff.wait(tries, ended);
    }
  }

  private async connect() {
    this.connection = new AbortController();
    const unknown = this.last === null;
    try {
      await this.place();
      if (unknown && (this.worked || this.gate.gaveWay)) this.missed = true;
      await readEvents(this.last, this.connection.signal, {
        onOpen: () => {
          this.worked = true;
          this.publish("live", 0);
          if (this.missed) this.reset();
        },
        onEvents: (events) => {
          this.say({ kind: "events", events });
          this.deliver(events);
        },
        onReset: () => {
          this.say({ kind: "reset" });
          this.reset();
        },
      });
      return null;
    } catch (error) {
      return asProblem(error);
    }
  }

  /** Know the newest position of the log, so that what is fetched from now on and the stream leave no gap between them. */
  private async place(): Promise<void> {
    if (this.last === null) {
      this.placing ??= newestPosition().finally(() => {
        this.placing = null;
      });
      this.last = Math.max(await this.placing, this.last ?? 0);
    }
    this.gate.open();
  }

  private receive(message: Message): void {
    switch (message.kind) {
      case "events":
        this.deliver(message.events);
        break;
      case "status":
        if (this.current.leads) break;
        this.change({ state: message.state, tries: message.tries });
        if (message.state === "unauthorised" && ![null, this.refusedKey].includes(apiKey()))
          this.say({ kind: "turn" });
        break;
      case "reset":
        this.reset();
        break;
      case "hello":
        if (this.current.leads) {
          this.say({ kind: "status", state: this.current.state, tries: this.current.tries });
        }
        break;
      case "reconnect":
        if (this.current.leads) this.reconnect();
        break;
      case "turn":
        if (!this.current.leads || this.current.state !== "unauthorised" || this.makesRoom) break;
        this.makesRoom = true;
        this.backoff.skip();
        break;
    }
  }

  private deliver(events: StoredEvent[]): void {
    const fresh = events.filter((event) => event.position === 0 || event.position > (this.last ?? 0));
    const newest = fresh.reduce((most, event) => Math.max(most, event.position), this.last ?? 0);
    if (newest > 0) this.last = newest;
    if (fresh.length > 0) for (const listener of this.listeners) listener(fresh);
  }

  private reset(): void {
    this.missed = false;
    this.last = null;
    for (const listener of this.resets) listener();
  }

  private publish(state: LiveState, tries: number): void {
    this.change({ state, tries });
    this.say({ kind: "status", state, tries });
  }

  private change(part: Partial<LiveStatus>): void {
    this.current = { ...this.current, ...part };
    for (const watcher of this.watchers) watcher();
  }

  private say(message: Message): void {
    this.channel?.postMessage(message);
  }

  private onVisibility = (): void => {
    if (document.hidden) this.connection?.abort();
    else this.backoff.skip();
  };

  private async visible(ended: AbortSignal): Promise<void> {
    while (!this.shared && document.hidden && !ended.aborted) {
      this.change({ state: "paused" });
      await this.backoff.skipped(ended);
    }
  }
}
