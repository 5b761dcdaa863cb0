import { FileLink, SEVERITIES, type Severity, SeverityBadge } from "@/blocks/findings";
import { agentTitle } from "@/lib/format";
import { inert } from "@/lib/text";
import { Badge } from "@/ui/badge";
import { Lines } from "./part";
import type { ShownFinding } from "./payload";

const known = (severity: string) => SEVERITIES.find((each): each is Severity => each === severity);

/** What was found wrong, as the question has it: how grave, where, whose it is to mend. */
export function Findings({ findings, taskId }: { findings: ShownFinding[]; taskId: string }) {
  return (
    <Lines>
      {findings.map((finding, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was shown does not change
        <li key={index} className="min-w-0">
          <Grave severity={finding.severity} /> <span className="break-words">{inert(finding.message)}</span>
          <div className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
            {finding.file === null ? (
              inert(finding.check)
            ) : (
              <FileLink taskId={taskId} path={finding.file} line={finding.line} />
            )}
            {finding.owner && <span>for {agentTitle(finding.owner)}</span>}
          </div>
        </li>
      ))}
    </Lines>
  );
}

function Grave({ severity }: { severity: string }) {
  const level = known(severity);
  return level ? <SeverityBadge severity={level} /> : <Badge>{inert(severity)}</Badge>;
}
