/** What checks and reviews found: severity, words, where it is, whose it is, and what was seen. */

import { CircleAlert, CircleCheck, Info, OctagonAlert, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Finding } from "@/api/types";
import { inert } from "@/lib/text";
import { Badge, type Tone } from "@/ui/badge";
import { AgentBadge } from "../status";
import { FileLink } from "./file-link";
import type { Severity } from "./severity";

export { FileLink } from "./file-link";
export { bySeverity, fingerprint, SEVERITIES, type Severity } from "./severity";

const LOOKS: Record<Severity, { word: string; tone: Tone; Icon: typeof Info }> = {
  critical: { word: "Critical", tone: "bad", Icon: OctagonAlert },
  high: { word: "High", tone: "bad", Icon: CircleAlert },
  medium: { word: "Medium", tone: "warn", Icon: TriangleAlert },
  low: { word: "Low", tone: "neutral", Icon: Info },
};

export function SeverityBadge({ severity }: { severity: Severity }) {
  const { word, tone, Icon } = LOOKS[severity];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden="true" className="size-3.5" />}>
      {word}
    </Badge>
  );
}

export interface ListedFinding {
  finding: Finding;
  /** Whether it is still there; left out where that is not known. */
  open?: boolean;
  /** Words beside it, such as the round that it is from. */
  note?: ReactNode;
  /** The version of the files that its line was counted in. */
  commit?: string;
}

export function FindingList({
  taskId,
  label,
  findings,
}: {
  taskId: string;
  label: string;
  findings: ListedFinding[];
}) {
  return (
    <ul aria-label={label} className="m-0 flex list-none flex-col divide-y divide-line p-0">
      {findings.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: findings have no ids, and two may be alike
        <li key={index} className="min-w-0 py-3 first:pt-0 last:pb-0">
          <OneFinding taskId={taskId} {...each} />
        </li>
      ))}
    </ul>
  );
}

function OneFinding({ taskId, finding, open, note, commit }: ListedFinding & { taskId: string }) {
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <SeverityBadge severity={finding.severity} />
        {open !== undefined && <OpenBadge open={open} />}
        {finding.category && <Badge>{inert(finding.category)}</Badge>}
        {finding.file && <FileLink taskId={taskId} path={finding.file} line={finding.line} commit={commit} />}
        {finding.owner && <AgentBadge agent={finding.owner} />}
        {note && <span className="text-xs text-muted">{note}</span>}
      </div>
      <p className="m-0 max-w-prose break-words whitespace-pre-wrap">{inert(finding.message)}</p>
      {finding.evidence && <Evidence text={finding.evidence} />}
    </div>
  );
}

function OpenBadge({ open }: { open: boolean }) {
  return open ? (
    <Badge tone="warn" icon={<CircleAlert aria-hidden="true" className="size-3.5" />}>
      open
    </Badge>
  ) : (
    <Badge tone="ok" icon={<CircleCheck aria-hidden="true" className="size-3.5" />}>
      resolved
    </Badge>
  );
}

/** What was seen, as the program said it. */
function Evidence({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section aria-label="Evidence" tabIndex={0} className="max-h-80 overflow-auto rounded bg-sunken">
      <pre className="m-0 p-2.5 text-xs">{inert(text)}</pre>
    </section>
  );
}
