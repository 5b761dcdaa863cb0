import { expect, it } from "vitest";
import type { Finding } from "@/api/types";
import { axes, findings, type Review } from "./derive";

function finding(message: string, severity: Finding["severity"], line = 1): Finding {
  return { check: "review", severity, message, category: "A03", evidence: "", file: "a.py", line };
}

const REVIEWS: Review[] = [
  {
    iteration: 0,
    scores: { security: 4, performance: 8, quality: 6.5 },
    summary: "",
    findings: [
      { finding: finding("injection", "critical"), resolved: true, since: 0 },
      { finding: finding("no limit", "low", 3), resolved: false, since: 0 },
    ],
  },
  {
    iteration: 1,
    scores: { security: 9, performance: 8, quality: 6 },
    summary: "",
    findings: [{ finding: finding("no limit", "low", 9), resolved: false, since: 0 }],
  },
];

it("lists a finding of several rounds once, as it was seen last, open ones before resolved ones", () => {
  const all = findings(REVIEWS, null);
  expect(
    all.map(({ finding: { message, line }, open, since, last }) => [message, line, open, since, last]),
  ).toEqual([
    ["no limit", 9, true, 0, 1],
    ["injection", 1, false, 0, 0],
  ]);
});

it("lists only what one round found when a round is chosen", () => {
  expect(findings(REVIEWS, 1).map((each) => each.finding.message)).toEqual(["no limit"]);
});

it("says of each axis whether its newest score is enough and how it changed", () => {
  expect(axes(REVIEWS, 7)).toEqual([
    { axis: "security", scores: [4, 9], newest: 9, enough: true, change: 5 },
    { axis: "performance", scores: [8, 8], newest: 8, enough: true, change: 0 },
    { axis: "quality", scores: [6.5, 6], newest: 6, enough: false, change: -0.5 },
  ]);
  expect(axes(REVIEWS.slice(0, 1), 7)[0]?.change).toBeNull();
});
