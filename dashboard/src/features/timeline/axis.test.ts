import { expect, test } from "vitest";
import type { Span } from "@/api/types";
import { axisOf, lanesOf, neighbour, place, ticksOf } from "./axis";

function span(part: Partial<Span>): Span {
  return {
    span_id: `${part.lane ?? "planner"}-${part.started_at ?? 0}`,
    lane: "planner",
    kind: "agent",
    title: "plan",
    iteration: 0,
    started_at: 0,
    ended_at: 10,
    status: "done",
    summary: "",
    cost_usd: 0,
    tokens: 0,
    calls: 0,
    first_seq: 1,
    last_seq: 2,
    ...part,
  };
}

const work = span({ started_at: 100, ended_at: 140 });
const wait = span({ lane: "person", kind: "wait", started_at: 140, ended_at: 3_740, status: "done" });
const later = span({ lane: "git_agent", started_at: 3_740, ended_at: 3_750 });

test("a long wait is drawn shorter, and what comes before and behind it true to scale", () => {
  const axis = axisOf([work, wait, later], 4_000);
  expect(axis.breaks).toHaveLength(1);
  expect(axis.length).toBeCloseTo(40 + 6 + 10);
  expect(place(axis, 120)).toBeCloseTo(20);
  expect(place(axis, 140)).toBeCloseTo(40);
  expect(place(axis, 1_940)).toBeCloseTo(43);
  expect(place(axis, 3_745)).toBeCloseTo(51);
});

test("a short wait is drawn as it is", () => {
  expect(axisOf([work, span({ started_at: 143, ended_at: 150 })], 200)).toMatchObject({
    length: 50,
    breaks: [],
  });
});

test("what goes on ends now", () => {
  const axis = axisOf([span({ started_at: 100, ended_at: null, status: "running" })], 130);
  expect(axis).toMatchObject({ start: 100, end: 130, length: 30 });
});

test("without anything there is an axis all the same", () => {
  const axis = axisOf([], 50);
  expect(ticksOf(axis, 8)).toHaveLength(1);
  expect(lanesOf([], ["planner"], axis, 50, 600)).toMatchObject([
    { name: "planner", future: true, bars: [] },
  ]);
});

test("ticks are at round moments, and there are none within a shortened wait", () => {
  const axis = axisOf([work, wait, later], 4_000);
  const passed = ticksOf(axis, 8).map((tick) => tick.passed);
  expect(passed.slice(0, 4)).toEqual([0, 10, 20, 30]);
  expect(passed.filter((each) => each > 40 && each < 3_640)).toEqual([]);
  const drawn = ticksOf(axis, 8).map((tick) => tick.at);
  expect([...drawn].sort((a, b) => a - b)).toEqual(drawn);
});

test("lanes are in the order of the workflow, those of agents to come among them", () => {
  const spans = [later, span({ lane: "checks", kind: "check", started_at: 120 }), work];
  const axis = axisOf(spans, 200);
  const lanes = lanesOf(spans, ["devops_agent", "planner"], axis, 200, 500);
  expect(lanes.map((lane) => lane.name)).toEqual(["planner", "git_agent", "devops_agent", "checks"]);
  expect(lanes.map((lane) => lane.future)).toEqual([false, false, true, false]);
});

test("bars that would lie on each other are in rows of their own", () => {
  const spans = [0, 1, 2, 20].map((started_at) =>
    span({ lane: "checks", kind: "check", started_at, ended_at: started_at + 5 }),
  );
  const [lane] = lanesOf(spans, [], axisOf(spans, 30), 30, 500);
  expect(lane?.bars.map((bar) => bar.row)).toEqual([0, 1, 2, 0]);
  expect(lane?.rows).toBe(3);
});

test("the shortest bar can still be seen and is within the plot", () => {
  const spans = [work, span({ started_at: 140, ended_at: 140 })];
  const [lane] = lanesOf(spans, [], axisOf(spans, 140), 140, 400);
  for (const bar of lane?.bars ?? []) {
    expect(bar.width).toBeGreaterThanOrEqual(6);
    expect(bar.left + bar.width).toBeLessThanOrEqual(400.001);
  }
});

test("arrow keys go along a lane and to the nearest bar of the next one", () => {
  const spans = [
    span({ started_at: 0, ended_at: 10 }),
    span({ started_at: 50, ended_at: 60 }),
    span({ lane: "qa_agent", started_at: 48, ended_at: 60 }),
    span({ lane: "qa_agent", started_at: 10, ended_at: 20 }),
  ];
  const lanes = lanesOf(spans, ["git_agent"], axisOf(spans, 60), 60, 600);
  expect(neighbour(lanes, "planner-0", "right")).toBe("planner-50");
  expect(neighbour(lanes, "planner-50", "down")).toBe("qa_agent-48");
  expect(neighbour(lanes, "qa_agent-48", "first")).toBe("qa_agent-10");
  expect(neighbour(lanes, "qa_agent-10", "left")).toBeNull();
  expect(neighbour(lanes, "qa_agent-10", "down")).toBeNull();
  expect(neighbour(lanes, "gone", "right")).toBe("planner-0");
});
