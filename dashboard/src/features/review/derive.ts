/** What the screen of reviews says, from the answer of the service. */

import type { Finding, TaskReviews } from "@/api/types";
import { bySeverity, fingerprint } from "@/blocks/findings";

export type Review = TaskReviews["iterations"][number];
export type Axis = keyof Review["scores"];

export const AXES: readonly Axis[] = ["security", "performance", "quality"];

export interface Seen {
  finding: Finding;
  open: boolean;
  /** First and last round that had it. */
  since: number;
  last: number;
}

/** The findings of one round, or (null) of all rounds, each once as it was seen last; open and worst first. */
export function findings(reviews: Review[], iteration: number | null): Seen[] {
  const found = new Map<string, Seen>();
  for (const review of reviews) {
    if (iteration !== null && review.iteration !== iteration) continue;
    for (const { finding, resolved, since } of review.findings) {
      found.set(fingerprint(finding), { finding, open: !resolved, since, last: review.iteration });
    }
  }
  return [...found.values()].toSorted(
    (one, other) => Number(other.open) - Number(one.open) || bySeverity(one.finding, other.finding),
  );
}

export interface AxisRow {
  axis: Axis;
  scores: number[];
  newest: number;
  enough: boolean;
  /** What the newest round changed; null where there is no round before it. */
  change: number | null;
}

/** Each axis over the rounds, beside what it must reach. */
export function axes(reviews: Review[], minimum: number): AxisRow[] {
  return AXES.map((axis) => {
    const scores = reviews.map((review) => review.scores[axis]);
    const newest = scores.at(-1) ?? 0;
    const before = scores.at(-2);
    return {
      axis,
      scores,
      newest,
      enough: newest >= minimum,
      change: before === undefined ? null : newest - before,
    };
  });
}
