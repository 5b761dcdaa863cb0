import type { RuleView } from "@/api/types";
import { rate } from "@/lib/format";

/** A rule with a lower rate than this, and enough uses, is weak: the service's own mark. */
export const WEAK_RATE = 0.55;

/** The rate in words: what was counted, and between what the true rate is likely to be. */
export function intervalWords(rule: Pick<RuleView, "use_count" | "success_count" | "low" | "high">): string {
  if (rule.use_count === 0) return "Not told yet";
  const share = rate(rule.success_count, rule.use_count);
  if (rule.low == null || rule.high == null) return share;
  return `${share} (${Math.round(rule.low * 100)}–${Math.round(rule.high * 100)} %)`;
}

/** The rate as a mark within its 95 % interval, over the mark below which a rule is weak. The words stand beside it. */
export function Interval({ rule }: { rule: RuleView }) {
  const { low, high, rate: share } = rule;
  return (
    <div className="min-w-36">
      <div className="whitespace-nowrap tabular-nums">{intervalWords(rule)}</div>
      {low != null && high != null && share != null && (
        <svg
          aria-hidden="true"
          viewBox="0 0 100 8"
          preserveAspectRatio="none"
          className="mt-1 block h-2 w-full max-w-44"
        >
          <rect width="100" height="8" rx="2" className="fill-sunken" />
          <rect
            x={low * 100}
            width={Math.max(1, (high - low) * 100)}
            height="8"
            className={rule.weak ? "fill-warn opacity-45" : "fill-accent opacity-45"}
          />
          <rect
            x={Math.min(98.5, Math.max(0, share * 100 - 0.75))}
            width="1.5"
            height="8"
            className={rule.weak ? "fill-warn" : "fill-accent"}
          />
          <line
            x1={WEAK_RATE * 100}
            x2={WEAK_RATE * 100}
            y1="0"
            y2="8"
            strokeDasharray="2 1.5"
            className="stroke-muted"
            vectorEffect="non-scaling-stroke"
          />
        </svg>
      )}
    </div>
  );
}
