import { expect, test } from "vitest";
import type { AgentName, StoredEvent, TaskEvent } from "@/api/types";
import { notice, stored, upsert } from "@/testing/events";
import { indexOfSeq, isFailure, nextRow, type Row, RowBuilder, RowCache } from "./rows";

const begun = (agent: AgentName, iteration = 0): TaskEvent => ({
  type: "agent.started",
  agent,
  step: "build",
  iteration,
});
const over = (agent: AgentName, success = true): TaskEvent => ({
  type: "agent.finished",
  agent,
  step: "build",
  iteration: 0,
  success,
  summary: "done",
  files: [],
});
const call = (agent: AgentName, call_id: string): TaskEvent => ({
  type: "llm_start",
  agent,
  model: "m",
  prompt_name: `${agent}/build`,
  call_id,
});
const ended = (agent: AgentName, call_id: string, success = true): TaskEvent => ({
  type: "llm_end",
  agent,
  model: "m",
  prompt_name: `${agent}/build`,
  call_id,
  usage: { input_tokens: 10, output_tokens: 5, cache_read_tokens: 0, cache_write_tokens: 0 },
  cost_usd: 0.25,
  seconds: 2,
  success,
  error: success ? "" : "no",
});

const log = (...events: TaskEvent[]): StoredEvent[] => events.map((event, index) => stored(index + 1, event));

function rowsOf(events: StoredEvent[]): Row[] {
  const builder = new RowBuilder();
  for (const event of events) builder.add(event);
  return builder.rows();
}

const keysOf = (rows: Row[]) => rows.map((row) => row.key);

test("what two agents do at once stands under each of them", () => {
  const rows = rowsOf(
    log(
      begun("backend_agent"),
      begun("qa_agent"),
      call("backend_agent", "a"),
      call("qa_agent", "b"),
      ended("qa_agent", "b"),
      ended("backend_agent", "a"),
      over("qa_agent"),
      over("backend_agent"),
    ),
  );
  expect(keysOf(rows)).toEqual(["t1", "ca", "e8", "t2", "cb", "e7"]);
});

test("a call is one row from its start to its end, and its turn adds up what it took", () => {
  const rows = rowsOf(log(begun("planner"), call("planner", "a"), ended("planner", "a"), over("planner")));
  expect(rows[0]).toMatchObject({ calls: 1, cost: 0.25, tokens: 15, state: "done", to: 1_004 });
  expect(rows[1]).toMatchObject({ kind: "call", state: "done", seq: 2, last: 3, inTurn: true });
});

test("a call whose end was never recorded does not run on behind its turn's end", () => {
  const rows = rowsOf(log(begun("planner"), call("planner", "a"), over("planner")));
  expect(rows[1]).toMatchObject({ state: "lost" });
  const cancelled = rowsOf(log(begun("planner"), call("planner", "a"), upsert("cancelled")));
  expect(cancelled[0]).toMatchObject({ state: "stopped", to: 1_003 });
  expect(cancelled[1]).toMatchObject({ state: "lost" });
});

test("where a turn's beginning is not loaded its rows stand by themselves", () => {
  const rows = rowsOf(log(ended("planner", "a"), over("planner")));
  expect(keysOf(rows)).toEqual(["ca", "e2"]);
  expect(rows.every((row) => !row.inTurn)).toBe(true);
});

test("a commit stands under the agent whose files it holds, also after its turn", () => {
  const commit: TaskEvent = { type: "artifact", agent: "planner", commit: "abc", paths: ["a"], refused: {} };
  const rows = rowsOf(log(begun("planner"), over("planner"), begun("qa_agent"), commit));
  expect(keysOf(rows)).toEqual(["t1", "e2", "e4", "t3"]);
});

test("a check stands under QA while its turn goes on", () => {
  const check: TaskEvent = {
    type: "test",
    iteration: 0,
    result: {
      name: "pytest",
      status: "failed",
      detail: "",
      tests_run: 1,
      tests_failed: 1,
      findings: [],
      seconds: 1,
    },
  };
  const rows = rowsOf(
    log(begun("qa_agent"), begun("planner"), check, over("qa_agent"), over("planner"), check),
  );
  expect(keysOf(rows)).toEqual(["t1", "e3", "e4", "t2", "e5", "e6"]);
  expect(rows.map((row) => row.inTurn)).toEqual([false, true, true, false, true, false]);
});

test("what happens while one agent is at work stands in its turn, while several are, by itself", () => {
  const rows = rowsOf(log(begun("planner"), notice("a"), begun("qa_agent"), notice("b"), over("planner")));
  expect(keysOf(rows)).toEqual(["t1", "e2", "e5", "t3", "e4"]);
  expect(rows.map((row) => row.inTurn)).toEqual([false, true, true, false, false]);
});

test("a new turn of an agent is a new group", () => {
  const rows = rowsOf(log(begun("qa_agent"), over("qa_agent"), begun("qa_agent", 1), call("qa_agent", "x")));
  expect(keysOf(rows)).toEqual(["t1", "e2", "t3", "cx"]);
});

test("of the task's row only a change of status is shown", () => {
  const rows = rowsOf(
    log(
      upsert("running"),
      upsert("running"),
      upsert("waiting_for_input"),
      upsert("running"),
      upsert("failed"),
    ),
  );
  expect(keysOf(rows)).toEqual(["e3", "e4", "e5"]);
  expect(rows.map((row) => row.bad)).toEqual([false, false, true]);
});

test("failures are told from the rest", () => {
  expect(isFailure(ended("planner", "a", false))).toBe(true);
  expect(isFailure(over("planner", false))).toBe(true);
  expect(isFailure(notice("x", "error"))).toBe(true);
  expect(isFailure(notice("x", "warning"))).toBe(false);
  expect(isFailure(begun("planner"))).toBe(false);
});

test("events at the end are added to the rows that are there; older ones in front make them anew with the same keys", () => {
  const all = log(
    begun("planner"),
    call("planner", "a"),
    ended("planner", "a"),
    notice("one"),
    notice("two"),
  );
  const cache = new RowCache();
  const tail = cache.of(all.slice(2, 4));
  expect(keysOf(tail)).toEqual(["ca", "e4"]);
  const grown = cache.of([...all.slice(2, 4), ...all.slice(4)]);
  expect(grown[0]).toBe(tail[0]);
  expect(keysOf(grown)).toEqual(["ca", "e4", "e5"]);
  expect(keysOf(cache.of(all))).toEqual(["t1", "ca", "e4", "e5"]);
  expect(cache.of(all)).toBe(cache.of(all));
});

test("an event's number finds its row, and the row before where it has none", () => {
  const rows = rowsOf(
    log(upsert("running"), begun("planner"), call("planner", "a"), ended("planner", "a"), notice("n")),
  );
  expect(rows[indexOfSeq(rows, 4)]?.key).toBe("ca");
  expect(rows[indexOfSeq(rows, 5)]?.key).toBe("e5");
  expect(rows[indexOfSeq(rows, 99)]?.key).toBe("e5");
  expect(indexOfSeq(rows, 1)).toBe(-1);
});

test("the next error is looked for behind the present row, and from the beginning after the last", () => {
  const rows = rowsOf(log(notice("a", "error"), notice("b"), notice("c", "error")));
  const bad = (row: Row) => row.bad;
  expect(nextRow(rows, 0, bad)).toBe(2);
  expect(nextRow(rows, 2, bad)).toBe(0);
  expect(nextRow(rowsOf(log(notice("a"))), 0, bad)).toBe(-1);
});

test("ten thousand events become rows in a few milliseconds", () => {
  const events = log(
    ...Array.from({ length: 5_000 }, (_, index) => [
      call("planner", `c${index}`),
      ended("planner", `c${index}`),
    ]).flat(),
  );
  const before = process.cpuUsage(); // its own work, whatever else the machine does
  expect(new RowCache().of(events)).toHaveLength(5_000);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(500);
});

test("a question and its answer stand in the turn of the agent that asked", () => {
  const told = { question_id: "q", agent: "backend_agent", asked: "database_agent", iteration: 0 } as const;
  const rows = rowsOf(
    log(
      begun("backend_agent"),
      begun("database_agent"),
      { type: "agent.asked", ...told, step: "build", question: "Why?" },
      { type: "agent.answered", ...told, answer: "So.", refused: "", wanted: "", call_ids: [] },
    ),
  );
  expect(keysOf(rows)).toEqual(["t1", "e3", "e4", "t2"]);
});
