import { cx } from "./cx";

/** How much of something is used, `share` from 0 to 1. Amber from 80 %, red when it is used up; `calm` is never either. */
export function Meter({
  share,
  label,
  className,
  calm,
}: {
  share: number;
  label: string;
  className?: string;
  calm?: boolean;
}) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className={cx("h-1.5 overflow-hidden rounded-full bg-sunken", className)}
    >
      <div
        className={cx(
          "h-full rounded-full",
          calm || share < 0.8 ? "bg-accent" : share >= 1 ? "bg-bad" : "bg-warn",
        )}
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}
