import { type InfiniteData, QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keys, type TaskFilters } from "@/api/queries";
import type { Task, TaskEvent } from "@/api/types";
import { json, serve, stored, task, upsert } from "@/testing/events";
import { until } from "@/testing/until";
import { belongs, Reactions } from "./reactions";

type Pages = InfiniteData<{ items: Task[]; next?: string | null }>;

let client: QueryClient;
let reactions: Reactions;
const invalidated: unknown[] = [];

function list(filters: TaskFilters, ...pages: Task[][]): void {
  const data: Pages = {
    pages: pages.map((items) => ({ items, next: null })),
    pageParams: pages.map(() => null),
  };
  client.setQueryData(keys.taskList(filters), data);
}

function shown(filters: TaskFilters): string[] {
  const data = client.getQueryData<Pages>(keys.taskList(filters));
  return (data?.pages ?? []).flatMap((page) => page.items.map((each) => `${each.task_id} ${each.status}`));
}

function send(event: TaskEvent, task_id = "t1", ts = 2_000): void {
  reactions.take([stored(1, event, { task_id, ts })]);
}

beforeEach(() => {
  client = new QueryClient();
  invalidated.length = 0;
  vi.spyOn(client, "invalidateQueries").mockImplementation(async (filters) => {
    invalidated.push(filters?.queryKey ?? "everything");
  });
  reactions = new Reactions(client);
});
afterEach(() => {
  reactions.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a task's row is changed in place in every list that has it, and in its own view", () => {
  list({}, [task({ task_id: "t2" }), task({})]);
  list({ workflow: "build" }, [task({ task_id: "t3" })], [task({})]);
  client.setQueryData(keys.task("t1"), task({}));
  send(upsert("waiting_for_input"));
  expect(shown({})).toEqual(["t2 running", "t1 waiting_for_input"]);
  expect(shown({ workflow: "build" })).toEqual(["t3 running", "t1 waiting_for_input"]);
  expect(client.getQueryData<Task>(keys.task("t1"))).toMatchObject({
    status: "waiting_for_input",
    updated_at: 2_000,
    task_description: "a list of books",
  });
});

test("a task leaves a list whose filter it no longer fits", () => {
  list({ status: ["running"] }, [task({}), task({ task_id: "t2" })]);
  send(upsert("completed"));
  expect(shown({ status: ["running"] })).toEqual(["t2 running"]);
});

test("a new task appears at the top of the lists it belongs to and not in others", async () => {
  serve(() => json(task({ task_id: "t9", created_at: 3_000, task_description: "a shop" })));
  const old = task({ status: "completed" });
  list({}, [old]);
  list({ status: ["running"] }, [task({ task_id: "t2" })]);
  list({ status: ["failed"] }, []);
  list({ q: "books" }, [old]);
  list({ q: "SHOP" }, []);
  list({ workflow: "change" }, []);
  list({ caller: "ci" }, []);
  send(upsert("running"), "t9");
  await until(() => expect(shown({})).toEqual(["t9 running", "t1 completed"]));
  expect(shown({ status: ["running"] })).toEqual(["t9 running", "t2 running"]);
  expect(shown({ q: "SHOP" })).toEqual(["t9 running"]);
  for (const other of [{ status: ["failed"] }, { workflow: "change" }, { caller: "ci" }] as TaskFilters[]) {
    expect(shown(other)).toEqual([]);
  }
  expect(shown({ q: "books" })).toEqual(["t1 completed"]);
});

test("a task that is older than what a list has loaded is not put into it", async () => {
  const made = serve(() => json(task({ task_id: "t0", created_at: 10 })));
  list({}, [task({ created_at: 500 })], [task({ task_id: "t2", created_at: 400 })]);
  send(upsert("running"), "t0");
  await until(() => expect(made).toHaveLength(1));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(shown({})).toEqual(["t1 running", "t2 running"]);
});

test("what happens to a new task while it is fetched is not overwritten by the answer", async () => {
  let release: (response: Response) => void = () => undefined;
  const made = serve(() => new Promise<Response>((resolve) => (release = resolve)));
  list({}, []);
  send(upsert("queued"), "t9");
  await until(() => expect(made).toHaveLength(1));
  send(upsert("running"), "t9");
  release(json(task({ task_id: "t9", status: "queued" })));
  await until(() => expect(shown({})).toEqual(["t9 running"]));
});

test("a task that cannot be fetched leaves the lists as they are", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(json({ title: "No", detail: "gone", status: 404 }, 404)));
  list({}, [task({})]);
  send(upsert("running"), "t9");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(shown({})).toEqual(["t1 running"]);
});

test("an answer that was asked for before the event came is asked for again", async () => {
  serve(() => new Promise<Response>(() => undefined));
  void client.fetchQuery({ queryKey: keys.task("t1"), queryFn: () => new Promise(() => undefined) });
  send(upsert("running"));
  await until(() => expect(invalidated).toContainEqual(keys.task("t1")));
});

test("views that an event concerns are fetched anew, once for many events", async () => {
  vi.useFakeTimers();
  const event: TaskEvent = { type: "agent.started", agent: "planner", step: "plan", iteration: 0 };
  for (let each = 0; each < 20; each++) send(event);
  await vi.advanceTimersByTimeAsync(60);
  expect(invalidated).toEqual([keys.view("t1", "timeline"), keys.view("t1", "graph")]);
  send(event);
  await vi.advanceTimersByTimeAsync(100);
  expect(invalidated).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(500);
  expect(invalidated).toHaveLength(4);
});

test("a question that opens renews the questions, and the task only where it is shown", async () => {
  vi.useFakeTimers();
  client.setQueryData(keys.task("t1"), task({}));
  const asked = (interrupt_id: string): TaskEvent => ({
    type: "interrupt.opened",
    interrupt_id,
    kind: "budget",
    prompt: "more?",
    payload: {},
    digest: "",
  });
  send(asked("i1"));
  send(asked("i2"), "t2");
  await vi.advanceTimersByTimeAsync(60);
  expect(invalidated).toContainEqual(keys.interrupts);
  expect(invalidated).toContainEqual(keys.task("t1"));
  expect(invalidated).not.toContainEqual(keys.task("t2"));
});

test("a task's end renews what the agents have learned of it", async () => {
  vi.useFakeTimers();
  send(upsert("completed"));
  await vi.advanceTimersByTimeAsync(60);
  expect(invalidated).toContainEqual(keys.agents);
  expect(invalidated).toContainEqual(keys.view("t1", "tree"));
});

test("pieces of an answer that is being written renew nothing", async () => {
  vi.useFakeTimers();
  send({ type: "llm_delta", agent: "planner", call_id: "c1", text: "x" });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(invalidated).toEqual([]);
});

test("a reset refetches everything", () => {
  reactions.reset();
  expect(invalidated).toEqual(["everything"]);
});

test("a search finds a task by its sentence or its number, in either case", () => {
  const one = task({ task_id: "abc1", task_description: "A Book library" });
  expect(belongs(one, { q: "book" })).toBe(true);
  expect(belongs(one, { q: "ABC1" })).toBe(true);
  expect(belongs(one, { q: "shop" })).toBe(false);
  expect(belongs(one, { status: [] })).toBe(true);
});

test("a task that a list leaves out by its status is not fetched for it", async () => {
  const made = serve(() => json(task({ task_id: "t9", status: "completed" })));
  list({ status: ["completed"] }, []);
  send(upsert("running"), "t9");
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(made).toHaveLength(0);
  send(upsert("completed"), "t9");
  await until(() => expect(shown({ status: ["completed"] })).toEqual(["t9 completed"]));
});

test("sums over all tasks are asked for once in five seconds, however much happens", async () => {
  vi.useFakeTimers();
  const sums = () => invalidated.filter((key) => JSON.stringify(key) === JSON.stringify(keys.stats)).length;
  for (let second = 0; second < 8; second++) {
    send(upsert("running"));
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(sums()).toBe(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sums()).toBe(2);
});
