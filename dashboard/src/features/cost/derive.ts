/** What the screen of costs says, from the answer of the service. Where nothing cost anything, tokens are shown. */

import type { AgentName, TaskCosts } from "@/api/types";
import { AGENTS } from "@/api/types";

export type Share = TaskCosts["shares"][number];
/** What bars and shares measure. */
export type Measure = "usd" | "tokens";

export interface Sum {
  calls: number;
  failures: number;
  input: number;
  output: number;
  cached: number;
  usd: number;
  seconds: number;
}

export interface Group extends Sum {
  key: string;
  /** Its part of the whole, 0 to 1. */
  share: number;
}

export function measureOf(costs: TaskCosts): Measure {
  return costs.spent_usd > 0 ? "usd" : "tokens";
}

export function amount(sum: Sum, measure: Measure): number {
  return measure === "usd" ? sum.usd : sum.input + sum.output;
}

export function total(shares: Share[]): Sum {
  const sum = { calls: 0, failures: 0, input: 0, output: 0, cached: 0, usd: 0, seconds: 0 };
  for (const share of shares) {
    sum.calls += share.calls;
    sum.failures += share.failures;
    sum.input += share.usage.input_tokens;
    sum.output += share.usage.output_tokens;
    sum.cached += share.usage.cache_read_tokens;
    sum.usd += share.cost_usd;
    sum.seconds += share.seconds;
  }
  return sum;
}

/** Sums by a key; the largest first, except rounds, which stay in their order. */
export function grouped(shares: Share[], by: "agent" | "model" | "iteration", measure: Measure): Group[] {
  const parts = new Map<string, Share[]>();
  for (const share of shares) {
    const key = String(share[by]);
    parts.set(key, [...(parts.get(key) ?? []), share]);
  }
  const whole = amount(total(shares), measure);
  const groups = [...parts].map(([key, its]) => {
    const sum = total(its);
    return { key, ...sum, share: whole === 0 ? 0 : amount(sum, measure) / whole };
  });
  return by === "iteration"
    ? groups.toSorted((one, other) => Number(one.key) - Number(other.key))
    : groups.toSorted((one, other) => amount(other, measure) - amount(one, measure));
}

/** What rounds after the first took of the whole, 0 to 1. */
export function retryShare(costs: TaskCosts, measure: Measure): number {
  if (measure === "usd") return costs.spent_usd === 0 ? 0 : costs.retry_usd / costs.spent_usd;
  const whole = amount(total(costs.shares), measure);
  const later = amount(total(costs.shares.filter((share) => share.iteration > 0)), measure);
  return whole === 0 ? 0 : later / whole;
}

export interface SpentAt {
  /** Seconds since the first call ended. */
  after: number;
  usd: number;
  agent: AgentName;
}

/** What had been spent by when, from zero at the first call on; thinned to what a chart can show. */
export function spending(points: TaskCosts["points"], most = 400): SpentAt[] {
  const first = points[0];
  if (first === undefined) return [];
  const every = Math.max(1, Math.ceil(points.length / most));
  return points
    .filter((_, index) => index % every === 0 || index === points.length - 1)
    .map((point) => ({ after: point.ts - first.ts, usd: point.spent_usd, agent: point.agent }));
}

/** Marks of the axis, from zero to above both what was spent and the budget, which is always on it. */
export function marks(costs: TaskCosts): number[] {
  const most = Math.max(costs.budget_usd, costs.spent_usd) || 1;
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((each) => each * power >= rough) ?? 10) * power;
  const count = Math.floor(most / step + 1e-9) + 1;
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

export interface RoundBar {
  iteration: number;
  [agent: string]: number;
}

/** Each round with what each agent took of it, for bars on top of each other. */
export function roundBars(shares: Share[], measure: Measure): { bars: RoundBar[]; agents: AgentName[] } {
  const rounds = [...new Set(shares.map((share) => share.iteration))].sort((one, other) => one - other);
  const bars = rounds.map((iteration) => {
    const bar: RoundBar = { iteration };
    for (const agent of AGENTS) {
      const its = shares.filter((share) => share.iteration === iteration && share.agent === agent);
      if (its.length > 0) bar[agent] = amount(total(its), measure);
    }
    return bar;
  });
  return { bars, agents: AGENTS.filter((agent) => bars.some((bar) => (bar[agent] ?? 0) > 0)) };
}
