import { describe, expect, it } from "vitest";
import type { Series, Task } from "@/api/types";
import { task } from "@/testing/events";
import { atWork, isNew, lastDays, stepsOf, weekOf } from "./figures";

const NOON = Date.UTC(2026, 10, 27, 12) / 1000;

function series(tasks: Partial<Series["tasks"][number]>[], costs: Record<string, number> = {}): Series {
  const usage = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };
  return {
    days: 7,
    group_by: "day",
    rows: Object.entries(costs).map(([key, cost_usd]) => ({ key, calls: 1, failures: 0, usage, cost_usd })),
    tasks: tasks.map((row) => ({
      day: "2026-11-27",
      completed: 0,
      failed: 0,
      cancelled: 0,
      cost_usd: 0,
      seconds: null,
      ...row,
    })),
  };
}

describe("the last days", () => {
  it("count what people cancelled neither as success nor as failure", () => {
    const week = weekOf(series([{ completed: 3, failed: 1, cancelled: 5 }]), NOON);
    expect(week).toMatchObject({ completed: 3, failed: 1, cancelled: 5, success: 0.75 });
  });

  it("have no rate and no time where nothing has ended", () => {
    expect(weekOf(series([]), NOON)).toMatchObject({ success: null, median: null, cost: 0 });
  });

  it("take a day's median as often as tasks completed on it", () => {
    const rows = [
      { completed: 1, seconds: 10 },
      { completed: 5, seconds: 60 },
      { completed: 1, seconds: 900 },
      { completed: 0, seconds: null },
    ];
    expect(weekOf(series(rows), NOON).median).toBe(60);
  });

  it("show each day's cost, and 0 for days without a call", () => {
    const { costs, cost } = weekOf(series([], { "2026-11-25": 0.5, "2026-11-27": 0.25 }), NOON);
    expect(costs.map((each) => each.usd)).toEqual([0, 0, 0, 0, 0.5, 0, 0.25]);
    expect(cost).toBe(0.75);
  });

  it("are days in UTC with today as the last", () => {
    expect(lastDays(3, NOON)).toEqual(["2026-11-25", "2026-11-26", "2026-11-27"]);
  });
});

describe("an installation", () => {
  it("is new until the first task was submitted", () => {
    expect(isNew({ queued: 0, completed: 0 })).toBe(true);
    expect(isNew({ queued: 0, cancelled: 1 })).toBe(false);
  });
});

describe("a running task", () => {
  const stats = (status: "done" | "running") => ({ status, cost_usd: 0, tokens: 0, calls: 0, files: 0 });
  const running: Task = task({
    pipeline: ["planner", "backend_agent", "database_agent"],
    current_agent: "backend_agent",
    agent_stats: {
      planner: stats("done"),
      backend_agent: stats("running"),
      database_agent: stats("running"),
    },
  });

  it("shows what each agent of its plan has done", () => {
    expect(stepsOf(running).map((step) => step.state)).toEqual(["done", "running", "running"]);
  });

  it("knows at least its current agent before more is fetched", () => {
    const row = { ...running, agent_stats: null };
    expect(stepsOf(row).map((step) => step.state)).toEqual(["pending", "running", "pending"]);
    expect(atWork(row)).toEqual(["backend_agent"]);
  });

  it("names all agents that work at once, and none while it waits", () => {
    expect(atWork(running)).toEqual(["backend_agent", "database_agent"]);
    expect(atWork({ ...running, status: "queued" })).toEqual([]);
  });
});
