import { expect, it } from "vitest";
import type { TaskCosts } from "@/api/types";
import { grouped, marks, measureOf, retryShare, roundBars, type Share, spending } from "./derive";

function share(agent: Share["agent"], iteration: number, cost: number, tokens: number): Share {
  return {
    agent,
    iteration,
    model: "m",
    calls: 1,
    failures: 0,
    cost_usd: cost,
    seconds: 1,
    usage: { input_tokens: tokens, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 },
  };
}

const PAID: TaskCosts = {
  budget_usd: 1,
  spent_usd: 0.4,
  retry_usd: 0.1,
  input_tokens: 400,
  cached_tokens: 0,
  points: [],
  shares: [
    share("planner", 0, 0.1, 100),
    share("backend_agent", 0, 0.2, 100),
    share("backend_agent", 1, 0.1, 200),
  ],
};
const FREE: TaskCosts = {
  ...PAID,
  spent_usd: 0,
  retry_usd: 0,
  shares: PAID.shares.map((each) => ({ ...each, cost_usd: 0 })),
};

it("compares money where something was paid, and tokens where nothing was", () => {
  expect(measureOf(PAID)).toBe("usd");
  expect(measureOf(FREE)).toBe("tokens");
  expect(grouped(FREE.shares, "agent", "tokens").map(({ key, share: part }) => [key, part])).toEqual([
    ["backend_agent", 0.75],
    ["planner", 0.25],
  ]);
});

it("sums by agent with the dearest first, and by round in their order", () => {
  expect(grouped(PAID.shares, "agent", "usd").map(({ key, calls }) => [key, calls])).toEqual([
    ["backend_agent", 2],
    ["planner", 1],
  ]);
  expect(grouped(PAID.shares, "iteration", "usd").map(({ key }) => key)).toEqual(["0", "1"]);
});

it("says what repair rounds took, of money or of tokens", () => {
  expect(retryShare(PAID, "usd")).toBeCloseTo(0.25);
  expect(retryShare(FREE, "tokens")).toBeCloseTo(0.5);
  expect(retryShare({ ...FREE, shares: [] }, "tokens")).toBe(0);
});

it("keeps the budget and what was spent below the top of the axis", () => {
  for (const [budget, spent] of [
    [1, 0.1],
    [0.5, 0.7],
    [0.03, 0],
    [250, 3],
  ] as const) {
    const axis = marks({ ...PAID, budget_usd: budget, spent_usd: spent });
    expect(axis[0]).toBe(0);
    expect(axis.at(-1)).toBeGreaterThan(Math.max(budget, spent));
    expect(axis.length).toBeLessThan(8);
  }
});

it("counts time from the first call and thins many calls without losing the last", () => {
  const points = Array.from({ length: 1_001 }, (_, index) => ({
    ts: 100 + index,
    call_id: `c${index}`,
    agent: "planner" as const,
    spent_usd: index / 1000,
  }));
  const thinned = spending(points);
  expect(thinned.length).toBeLessThan(410);
  expect(thinned[0]).toEqual({ after: 0, usd: 0, agent: "planner" });
  expect(thinned.at(-1)).toEqual({ after: 1000, usd: 1, agent: "planner" });
});

it("stacks only agents that took something, round by round", () => {
  expect(roundBars([...PAID.shares, share("devops_agent", 0, 0, 5)], "usd")).toEqual({
    agents: ["planner", "backend_agent"],
    bars: [
      { iteration: 0, planner: 0.1, backend_agent: 0.2, devops_agent: 0 },
      { iteration: 1, backend_agent: 0.1 },
    ],
  });
});
