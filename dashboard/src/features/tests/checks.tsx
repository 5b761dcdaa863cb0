import { Shuffle } from "lucide-react";
import type { CheckResult } from "@/api/types";
import { bySeverity, FindingList } from "@/blocks/findings";
import { CheckBadge } from "@/blocks/status";
import { duration, plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { failingFirst, type Round } from "./derive";

/** Every check of a round, failing first, with what it found. `commit` is the version that lines were counted in. */
export function Checks({ taskId, round, commit }: { taskId: string; round: Round; commit?: string }) {
  return (
    <Card title="Checks">
      <ul className="m-0 flex list-none flex-col divide-y divide-line p-0">
        {failingFirst(round.checks).map((check) => (
          <li key={check.name} className="min-w-0 py-2.5 first:pt-0 last:pb-0">
            <Check taskId={taskId} check={check} flaky={round.flaky.includes(check.name)} commit={commit} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Check({
  taskId,
  check,
  flaky,
  commit,
}: {
  taskId: string;
  check: CheckResult;
  flaky: boolean;
  commit?: string;
}) {
  const findings = check.findings.toSorted(bySeverity).map((finding) => ({ finding, commit }));
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="w-28 shrink-0">
          <CheckBadge status={check.status} />
        </span>
        <h3 className="m-0 w-28 shrink-0 text-[13px] font-medium">{inert(check.name)}</h3>
        {flaky && (
          <Badge
            tone="warn"
            icon={<Shuffle aria-hidden="true" className="size-3.5" />}
            title="It passed and failed on the same files"
          >
            flaky
          </Badge>
        )}
        <span className="min-w-0 flex-1 basis-48 break-words text-muted">{inert(check.detail)}</span>
        <span className="ml-auto text-xs whitespace-nowrap text-muted tabular-nums">{figures(check)}</span>
      </div>
      {findings.length > 0 && (
        <div className="mt-2.5 border-l-2 border-line pl-3">
          <FindingList taskId={taskId} label={`Findings of ${check.name}`} findings={findings} />
        </div>
      )}
    </>
  );
}

function figures(check: CheckResult): string {
  const tests =
    check.tests_run === 0
      ? null
      : check.tests_failed > 0
        ? `${check.tests_failed} of ${plural(check.tests_run, "test")} failed`
        : plural(check.tests_run, "test");
  const time = check.status === "not executed" ? null : duration(check.seconds);
  return [tests, time].filter((part) => part !== null).join(" · ");
}
