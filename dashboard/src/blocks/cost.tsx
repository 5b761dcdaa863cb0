import { usd } from "@/lib/format";
import { Meter } from "@/ui/meter";

/** What a task has spent of what it may. */
export function CostMeter({ spent, budget }: { spent: number; budget: number }) {
  return (
    <div className="min-w-32">
      <div className="flex items-baseline justify-between gap-2 text-xs">
        <span className="font-medium tabular-nums">{usd(spent)}</span>
        <span className="text-muted tabular-nums">of {usd(budget)}</span>
      </div>
      <Meter
        share={budget > 0 ? spent / budget : spent > 0 ? 1 : 0}
        label={`spent ${usd(spent)} of ${usd(budget)}`}
      />
    </div>
  );
}
