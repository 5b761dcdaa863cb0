/** What the screen of checks says, from the answer of the service. */

import type { CheckResult, TaskTests } from "@/api/types";

export type Round = TaskTests["iterations"][number];

const ORDER: Record<CheckResult["status"], number> = { failed: 0, "not executed": 1, passed: 2 };

/** The round that is asked for, or the newest. */
export function roundOf(rounds: Round[], wanted: number | undefined): Round | undefined {
  return rounds.find((round) => round.iteration === wanted) ?? rounds.at(-1);
}

/** Failing first, then what did not run; otherwise as they ran. */
export function failingFirst(checks: CheckResult[]): CheckResult[] {
  return checks.toSorted((one, other) => ORDER[one.status] - ORDER[other.status]);
}

export interface Counts {
  passed: number;
  failed: number;
  notExecuted: number;
}

export function counts(checks: CheckResult[]): Counts {
  const of = (status: CheckResult["status"]) => checks.filter((check) => check.status === status).length;
  return { passed: of("passed"), failed: of("failed"), notExecuted: of("not executed") };
}

/** Operations that the contract promises and nothing exercised. */
export function missing(coverage: NonNullable<Round["coverage"]>): string[] {
  const covered = new Set(coverage.covered);
  return coverage.promised.filter((name) => !covered.has(name));
}

export interface TrendRow {
  name: string;
  /** One for each round; undefined where the check was no part of it. */
  statuses: (CheckResult["status"] | undefined)[];
}

/** Each check over the rounds: those that ever failed first. */
export function trend(rounds: Round[]): TrendRow[] {
  const names = [...new Set(rounds.flatMap((round) => round.checks.map((check) => check.name)))];
  const rows = names.map((name) => ({
    name,
    statuses: rounds.map((round) => round.checks.find((check) => check.name === name)?.status),
  }));
  const worst = (row: TrendRow) =>
    Math.min(...row.statuses.map((status) => (status === undefined ? 3 : ORDER[status])));
  return rows.toSorted((one, other) => worst(one) - worst(other));
}
