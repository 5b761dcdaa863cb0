/** What was run, and what was not: failures first, then what was not executed, then the rest in one line. */

import { CircleCheck } from "lucide-react";
import { CheckBadge } from "@/blocks/status";
import { percent, plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Meter } from "@/ui/meter";
import { Line, Lines, Part } from "./part";
import type { Check, Evidence, Scores } from "./payload";

const ORDER: Record<Check["status"], number> = { failed: 0, "not executed": 1, passed: 2 };

/** `15 passed`, `1 failed, 12 passed, 2 not executed`. */
export function tally(checks: Check[]): string {
  const count = (status: Check["status"]) => checks.filter((check) => check.status === status).length;
  const said = (["failed", "passed", "not executed"] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status}`);
  return said.join(", ") || "no check was run";
}

/** Checks that ended alike for the same reason, failures first. */
export function grouped(checks: Check[]): { status: Check["status"]; detail: string; names: string[] }[] {
  const groups = new Map<string, { status: Check["status"]; detail: string; names: string[] }>();
  for (const { name, status, detail } of [...checks].sort((a, b) => ORDER[a.status] - ORDER[b.status])) {
    const known = groups.get(`${status} ${detail}`);
    if (known) known.names.push(name);
    else groups.set(`${status} ${detail}`, { status, detail, names: [name] });
  }
  return [...groups.values()];
}

export function Checks({ checks }: { checks: Check[] }) {
  const wrong = checks.filter((check) => check.status !== "passed");
  const passed = checks.filter((check) => check.status === "passed");
  return (
    <Part title={`Checks: ${tally(checks)}`}>
      <Lines>
        {grouped(wrong).map(({ status, detail, names }) => (
          <li key={names[0]} className="min-w-0 break-words">
            <CheckBadge status={status} /> <span className="font-medium">{inert(names.join(", "))}</span>
            {detail && <span className="text-muted"> {inert(detail)}</span>}
          </li>
        ))}
        {passed.length > 0 && (
          <Line icon={<CircleCheck aria-hidden="true" className="size-4 text-ok" />}>
            <span className="sr-only">passed: </span>
            {passed.map((check) => inert(check.name)).join(", ")}
          </Line>
        )}
        {checks.length === 0 && <li className="text-muted">Nothing of this work was run.</li>}
      </Lines>
    </Part>
  );
}

export function Coverage({ covered, promised }: Pick<Evidence, "covered" | "promised">) {
  if (promised === 0) return null;
  return (
    <Part title="Contract">
      <div>
        {covered} of {plural(promised, "operation")} covered by tests ({percent(covered, promised)})
      </div>
      <Meter share={covered / promised} label={`${covered} of ${promised} operations covered`} calm />
    </Part>
  );
}

export function Review({ scores }: { scores: Scores | null }) {
  if (scores === null) {
    return (
      <Part title="Review">
        <span className="text-muted">Nobody has reviewed it.</span>
      </Part>
    );
  }
  return (
    <Part title="Review, of 10">
      <dl className="m-0 flex flex-wrap gap-x-5 gap-y-1">
        {Object.entries(scores).map(([axis, score]) => (
          <div key={axis} className="flex items-baseline gap-1.5">
            <dt className="text-muted">{axis}</dt>
            <dd className="m-0 font-semibold tabular-nums">{score.toFixed(1)}</dd>
          </div>
        ))}
      </dl>
    </Part>
  );
}
