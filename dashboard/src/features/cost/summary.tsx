import type { TaskCosts } from "@/api/types";
import { CostMeter } from "@/blocks/cost";
import { percent, plural, short, usd } from "@/lib/format";
import { Figure } from "@/ui/card";
import { type Measure, retryShare, total } from "./derive";

export function Summary({ costs, measure }: { costs: TaskCosts; measure: Measure }) {
  const sum = total(costs.shares);
  const retries = retryShare(costs, measure);
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-start gap-x-10 gap-y-4">
        <div className="w-56 max-w-full">
          <div className="mb-1 text-xs text-muted">Spent of the budget</div>
          <CostMeter spent={costs.spent_usd} budget={costs.budget_usd} />
        </div>
        <Figure
          label="Model calls"
          value={sum.calls.toLocaleString("en")}
          note={sum.failures > 0 ? `${sum.failures} failed` : "none failed"}
        />
        <Figure
          label="Tokens"
          value={short(sum.input + sum.output)}
          note={`${short(sum.input)} in, ${short(sum.output)} out`}
        />
        <Figure
          label="Repair rounds"
          value={percent(retries)}
          note={
            retries === 0
              ? "nothing after the first round"
              : measure === "usd"
                ? `${usd(costs.retry_usd)} after the first round`
                : "of all tokens"
          }
        />
        <Figure
          label="Read from the cache"
          value={percent(costs.cached_tokens, costs.input_tokens)}
          note={`${short(costs.cached_tokens)} of ${short(costs.input_tokens)} tokens in`}
        />
      </div>
      {measure === "tokens" && (
        <p className="m-0 text-muted">
          {plural(sum.calls, "call")} at no cost: the models of this task are free, so tokens are compared
          below.
        </p>
      )}
    </div>
  );
}
