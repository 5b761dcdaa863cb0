import { percent, plural, usd } from "@/lib/format";
import { tally } from "./checks";
import type { Evidence } from "./payload";

/** The evidence in one line. */
export function Digest({ evidence }: { evidence: Evidence }) {
  const { checks, covered, promised, review, files, cost } = evidence;
  const lowest = review && Math.min(review.security, review.performance, review.quality);
  const parts = [
    `Checks: ${tally(checks)}`,
    promised > 0 ? `${percent(covered, promised)} of the contract covered` : "",
    lowest === null ? "not reviewed" : `review from ${lowest.toFixed(1)} of 10`,
    plural(files, "file"),
    usd(cost),
  ];
  return <p className="m-0">{parts.filter(Boolean).join(" · ")}</p>;
}
