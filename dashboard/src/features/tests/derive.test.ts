import { expect, it } from "vitest";
import type { CheckResult } from "@/api/types";
import { counts, failingFirst, missing, type Round, roundOf, trend } from "./derive";

function check(name: string, status: CheckResult["status"]): CheckResult {
  return { name, status, detail: "", findings: [], seconds: 1, tests_run: 0, tests_failed: 0 };
}

function round(iteration: number, checks: CheckResult[]): Round {
  return {
    iteration,
    checks,
    coverage: null,
    flaky: [],
    passed: true,
    seconds: 1,
    tests_run: 0,
    tests_failed: 0,
  };
}

const mixed = [
  check("build", "passed"),
  check("pytest", "not executed"),
  check("ruff", "failed"),
  check("tsc", "passed"),
];

it("lists failing checks first, then those that did not run, and else keeps their order", () => {
  expect(failingFirst(mixed).map((each) => each.name)).toEqual(["ruff", "pytest", "build", "tsc"]);
});

it("counts a check that did not run neither as passed nor as failed", () => {
  expect(counts(mixed)).toEqual({ passed: 2, failed: 1, notExecuted: 1 });
});

it("shows the newest round unless another one is asked for that there is", () => {
  const rounds = [round(0, []), round(1, [])];
  expect(roundOf(rounds, undefined)?.iteration).toBe(1);
  expect(roundOf(rounds, 0)?.iteration).toBe(0);
  expect(roundOf(rounds, 7)?.iteration).toBe(1);
});

it("names the operations that nothing exercised", () => {
  expect(missing({ covered: ["GET /a"], promised: ["GET /a", "POST /a"] })).toEqual(["POST /a"]);
});

it("puts checks that ever failed first in the trend and leaves a gap where a round had none", () => {
  const rows = trend([
    round(0, [check("build", "passed"), check("ruff", "failed")]),
    round(1, [check("build", "passed"), check("ruff", "passed"), check("tsc", "passed")]),
  ]);
  expect(rows).toEqual([
    { name: "ruff", statuses: ["failed", "passed"] },
    { name: "build", statuses: ["passed", "passed"] },
    { name: "tsc", statuses: [undefined, "passed"] },
  ]);
});
