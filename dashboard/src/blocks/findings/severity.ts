import type { Finding } from "@/api/types";

export type Severity = Finding["severity"];

export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

/** Worst first; among equals by file and line. */
export function bySeverity(one: Finding, other: Finding): number {
  return (
    SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
    (one.file ?? "").localeCompare(other.file ?? "") ||
    (one.line ?? 0) - (other.line ?? 0)
  );
}

/** The same while the same thing is wrong, as the service sees it: lines move, so they are left out. */
export function fingerprint(finding: Finding): string {
  return `${finding.check}|${finding.category}|${finding.file ?? ""}|${finding.message.slice(0, 200)}`;
}
