import { CircleAlert, CircleCheck } from "lucide-react";
import { percent, plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { missing, type Round } from "./derive";

/** How much of the contract was exercised, and what was not. */
export function CoverageCard({ coverage }: { coverage: NonNullable<Round["coverage"]> }) {
  const absent = missing(coverage);
  const [done, all] = [coverage.covered.length, coverage.promised.length];
  const words = `${done} of ${plural(all, "operation")} exercised`;
  return (
    <Card title="Contract coverage">
      <div className="flex items-baseline justify-between gap-2">
        <span>{words}</span>
        <span className="text-muted tabular-nums">{percent(done, all)}</span>
      </div>
      <Bar share={all === 0 ? 0 : done / all} label={words} />
      {absent.length === 0 ? (
        <p className="m-0 mt-2 flex items-center gap-1.5 text-ok">
          <CircleCheck aria-hidden="true" className="size-4" /> Everything that the contract promises answered
          as promised.
        </p>
      ) : (
        <Missing names={absent} />
      )}
    </Card>
  );
}

/** More is better here, so that it is not the meter of what is used up. */
function Bar({ share, label }: { share: number; label: string }) {
  const percents = Math.round(share * 100);
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuenow={percents}
      aria-valuemin={0}
      aria-valuemax={100}
      className="my-2 h-1.5 overflow-hidden rounded-full bg-bad-soft"
    >
      <div className="h-full rounded-full bg-ok" style={{ width: `${percents}%` }} />
    </div>
  );
}

function Missing({ names }: { names: string[] }) {
  return (
    <>
      <h3 className="m-0 mt-3 mb-1 flex items-center gap-1.5 text-[13px] font-medium text-warn">
        <CircleAlert aria-hidden="true" className="size-4" /> {plural(names.length, "operation")} not covered
      </h3>
      <ul className="m-0 max-h-72 list-none overflow-auto p-0">
        {names.map((name) => (
          <li key={name} className="font-mono text-xs break-all">
            {inert(name)}
          </li>
        ))}
      </ul>
    </>
  );
}
