import { CircleCheck, CircleX } from "lucide-react";
import { roundTitle } from "@/blocks/rounds";
import { duration, percent, plural } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Figure } from "@/ui/card";
import { counts, type Round } from "./derive";

/** A round in a few figures. */
export function Summary({ round }: { round: Round }) {
  const { passed, failed, notExecuted } = counts(round.checks);
  const coverage = round.coverage;
  return (
    <div className="flex flex-wrap items-start gap-x-10 gap-y-4">
      <div>
        <div className="text-xs text-muted">{roundTitle(round.iteration)}</div>
        <div className="mt-1">
          {round.passed ? (
            <Badge tone="ok" icon={<CircleCheck aria-hidden="true" className="size-3.5" />}>
              passed
            </Badge>
          ) : (
            <Badge tone="bad" icon={<CircleX aria-hidden="true" className="size-3.5" />}>
              failed
            </Badge>
          )}
        </div>
      </div>
      <Figure
        label="Checks passed"
        value={`${passed} of ${round.checks.length}`}
        note={
          [failed > 0 && `${failed} failed`, notExecuted > 0 && `${notExecuted} not executed`]
            .filter(Boolean)
            .join(", ") || "all of them"
        }
      />
      <Figure
        label="Tests run"
        value={round.tests_run.toLocaleString("en")}
        note={
          round.tests_failed > 0
            ? `${round.tests_failed.toLocaleString("en")} failed`
            : round.tests_run > 0
              ? "none failed"
              : "no test ran"
        }
      />
      {coverage && (
        <Figure
          label="Contract covered"
          value={percent(coverage.covered.length, coverage.promised.length)}
          note={`${coverage.covered.length} of ${plural(coverage.promised.length, "operation")}`}
        />
      )}
      <Figure label="Time in checks" value={duration(round.seconds)} />
    </div>
  );
}
