/** What the conversation shows, made from the events of a task: turns of agents, the calls in them, and notes. */

import type { AgentName, EventOf, StoredEvent, TaskEvent, TaskStatus } from "@/api/types";

interface Base {
  /** Stays the same while the row changes and moves. */
  key: string;
  /** The number of the event that it stands for, and of the last one that it is made of. */
  seq: number;
  last: number;
  ts: number;
  agent: AgentName | null;
  /** Whether it belongs to the turn above it. */
  inTurn: boolean;
  bad: boolean;
}

export interface TurnRow extends Base {
  kind: "turn";
  agent: AgentName;
  step: string;
  iteration: number;
  to: number | null;
  state: "running" | "done" | "failed" | "stopped";
  calls: number;
  cost: number;
  tokens: number;
}

export type CallState = "running" | "done" | "failed" | "lost";

export interface CallRow extends Base {
  kind: "call";
  agent: AgentName;
  callId: string;
  model: string;
  promptName: string;
  state: CallState;
  end: EventOf<"llm_end"> | null;
}

export interface NoteRow extends Base {
  kind: "note";
  event: TaskEvent;
}

export type Row = TurnRow | CallRow | NoteRow;

/** A turn with its rows, or a row that belongs to none. */
interface Block {
  rows: Row[];
}

interface Place {
  block: Block;
  index: number;
}

const OVER: readonly TaskStatus[] = ["completed", "failed", "cancelled"];

/** Rows in the order of their turns: what several agents do at once stands under each of them. */
export class RowBuilder {
  private blocks: Block[] = [];
  private turns = new Map<AgentName, Block>();
  private calls = new Map<string, Place>();
  private open = new Set<AgentName>();
  private status: TaskStatus | null = null;

  add(stored: StoredEvent): void {
    const { event } = stored;
    switch (event.type) {
      case "agent.started":
        this.begin(stored, event);
        break;
      case "agent.finished":
        this.finish(stored, event);
        break;
      case "llm_start":
        this.callStarted(stored, event);
        break;
      case "llm_end":
        this.callEnded(stored, event);
        break;
      case "task.upsert":
        this.upsert(stored, event);
        break;
      case "agent.asked":
      case "agent.answered":
        this.put(note(stored, event.agent), event.agent);
        break;
      case "artifact":
        this.put(note(stored, event.agent), event.agent);
        break;
      case "test":
      case "coverage":
        this.put(note(stored, null), this.atWork("qa_agent") ?? this.alone());
        break;
      case "review":
        this.put(note(stored, "code_reviewer"), "code_reviewer");
        break;
      default:
        this.put(note(stored, null), this.alone());
    }
  }

  rows(): Row[] {
    const all: Row[] = [];
    for (const block of this.blocks) for (const row of block.rows) all.push(row);
    return all;
  }

  private begin(stored: StoredEvent, event: EventOf<"agent.started">): void {
    const block: Block = { rows: [] };
    block.rows.push({
      ...base(stored, `t${stored.seq}`, event.agent),
      kind: "turn",
      agent: event.agent,
      step: event.step,
      iteration: event.iteration,
      to: null,
      state: "running",
      calls: 0,
      cost: 0,
      tokens: 0,
    });
    this.blocks.push(block);
    this.turns.set(event.agent, block);
    this.open.add(event.agent);
  }

  private finish(stored: StoredEvent, event: EventOf<"agent.finished">): void {
    const block = this.turns.get(event.agent);
    this.put({ ...note(stored, event.agent), bad: !event.success }, event.agent);
    this.open.delete(event.agent);
    if (!block) return;
    this.endCalls(block);
    this.turn(block, { to: stored.ts, state: event.success ? "done" : "failed", last: stored.seq });
  }

  private callStarted(stored: StoredEvent, event: EventOf<"llm_start">): void {
    this.put(
      {
        ...base(stored, `c${event.call_id}`, event.agent),
        kind: "call",
        agent: event.agent,
        callId: event.call_id,
        model: event.model,
        promptName: event.prompt_name,
        state: "running",
        end: null,
      },
      event.agent,
    );
  }

  private callEnded(stored: StoredEvent, event: EventOf<"llm_end">): void {
    const { call_id, agent, usage, cost_usd } = event;
    if (!this.calls.has(call_id)) {
      this.callStarted(stored, { ...event, type: "llm_start" });
    }
    const place = this.calls.get(call_id);
    const row = place?.block.rows[place.index];
    if (!place || row?.kind !== "call") return;
    const state = event.success ? "done" : "failed";
    place.block.rows[place.index] = { ...row, last: stored.seq, state, end: event, bad: !event.success };
    const turn = place.block.rows[0];
    if (turn?.kind !== "turn" || turn.agent !== agent) return;
    this.turn(place.block, {
      calls: turn.calls + 1,
      cost: turn.cost + cost_usd,
      tokens: turn.tokens + usage.input_tokens + usage.output_tokens,
    });
  }

  /** Only a change of status is worth a row, and that it runs is seen from what it does. */
  private upsert(stored: StoredEvent, event: EventOf<"task.upsert">): void {
    const before = this.status;
    this.status = event.status;
    if (OVER.includes(event.status)) {
      for (const block of this.turns.values()) this.stop(block, stored.ts);
      this.open.clear();
    }
    const known = before !== null ? before !== event.status : event.status !== "running";
    if (known) this.put({ ...note(stored, null), bad: event.status === "failed" }, null);
  }

  private put(row: Row, agent: AgentName | null): void {
    const turn = agent === null ? undefined : this.turns.get(agent);
    const block = turn ?? { rows: [] };
    if (!turn) this.blocks.push(block);
    block.rows.push({ ...row, inTurn: turn !== undefined });
    if (row.kind === "call") this.calls.set(row.callId, { block, index: block.rows.length - 1 });
  }

  /** The task ended in the middle of this turn. */
  private stop(block: Block, ts: number): void {
    const row = block.rows[0];
    if (row?.kind !== "turn" || row.to !== null) return;
    this.endCalls(block);
    this.turn(block, { to: ts, state: "stopped" });
  }

  /** The agent, while its turn goes on. */
  private atWork(agent: AgentName): AgentName | null {
    return this.open.has(agent) ? agent : null;
  }

  /** The agent at work, where it is the only one: what happens meanwhile stands in its turn. */
  private alone(): AgentName | null {
    const [agent, ...others] = this.open;
    return agent !== undefined && others.length === 0 ? agent : null;
  }

  private turn(block: Block, part: Partial<TurnRow>): void {
    const row = block.rows[0];
    if (row?.kind === "turn") block.rows[0] = { ...row, ...part };
  }

  /** Calls whose end was never recorded: the service stopped while they ran. */
  private endCalls(block: Block): void {
    for (const [index, row] of block.rows.entries()) {
      if (row.kind === "call" && row.state === "running") block.rows[index] = { ...row, state: "lost" };
    }
  }
}

function base(stored: StoredEvent, key: string, agent: AgentName | null): Base {
  const { seq, ts } = stored;
  return { key, seq, last: seq, ts, agent, inTurn: false, bad: false };
}

function note(stored: StoredEvent, agent: AgentName | null): NoteRow {
  const { event } = stored;
  return { ...base(stored, `e${stored.seq}`, agent), kind: "note", event, bad: isFailure(event) };
}

/** Whether the event says that something went wrong. */
export function isFailure(event: TaskEvent): boolean {
  switch (event.type) {
    case "llm_end":
    case "agent.finished":
      return !event.success;
    case "test":
      return event.result.status === "failed";
    case "notice":
      return event.level === "error";
    case "task.upsert":
      return event.status === "failed";
    case "artifact":
      return Object.keys(event.refused ?? {}).length > 0;
    default:
      return false;
  }
}

/** Rows of a log that mostly grows at its end: what was there is not made anew. */
export class RowCache {
  private builder = new RowBuilder();
  private events: readonly StoredEvent[] = [];
  private made: Row[] = [];

  of(events: readonly StoredEvent[]): Row[] {
    if (events === this.events) return this.made;
    const grown =
      this.events.length > 0 &&
      events.length >= this.events.length &&
      events[0] === this.events[0] &&
      events[this.events.length - 1] === this.events.at(-1);
    if (!grown) this.builder = new RowBuilder();
    for (let at = grown ? this.events.length : 0; at < events.length; at++) {
      const event = events[at];
      if (event) this.builder.add(event);
    }
    this.events = events;
    this.made = this.builder.rows();
    return this.made;
  }
}

/** The row that shows the event of this number; -1 where none does. */
export function indexOfSeq(rows: readonly Row[], seq: number): number {
  let nearest = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (const [index, row] of rows.entries()) {
    if (row.seq === seq || (row.last === seq && row.kind !== "turn")) return index;
    const off = seq - row.seq;
    if (off >= 0 && off < distance) {
      nearest = index;
      distance = off;
    }
  }
  return nearest;
}

/** The next row behind `from` of which `holds` is true, from the beginning again at the end. */
export function nextRow(rows: readonly Row[], from: number, holds: (row: Row) => boolean): number {
  for (let step = 1; step <= rows.length; step++) {
    const at = (from + step) % rows.length;
    const row = rows[at];
    if (row && holds(row)) return at;
  }
  return -1;
}
