import { Link } from "@tanstack/react-router";
import { FlaskConical, Import, Minus, Plus, ShieldX, Undo2, UserPen, Waypoints } from "lucide-react";
import type { ReactNode } from "react";
import type { MemoryDiff } from "@/api/types";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Badge } from "@/ui/badge";
import { Disclosure } from "@/ui/disclosure";
import { Ago } from "@/ui/time";

const KINDS = {
  reflection: { word: "Reflection", Icon: Waypoints },
  rollback: { word: "Rollback", Icon: Undo2 },
  rule_changed: { word: "Rule changed", Icon: UserPen },
  experiment: { word: "Experiment", Icon: FlaskConical },
  import: { word: "Import", Icon: Import },
} as const;

/** One change of an identity, or an attempt at one. */
export function MemoryEntry({ entry }: { entry: MemoryDiff }) {
  const { word, Icon } = KINDS[entry.kind];
  const { added = [], removed = [], trials = [], rejected = [], interactions = [] } = entry;
  return (
    <li className="min-w-0 rounded-lg border border-line bg-surface p-4 shadow-card">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="m-0 flex items-center gap-1.5 text-sm font-semibold">
          <Icon aria-hidden="true" className="size-4 text-muted" />
          {word}
        </h2>
        {entry.dry_run && <Badge tone="warn">Dry run: nothing was written</Badge>}
        <span className="text-muted">
          {entry.to_version == null ? (
            `version ${entry.from_version} stayed`
          ) : (
            <Link
              to="/agents/$agent"
              params={{ agent: entry.agent }}
              search={{ tab: "versions", base: entry.from_version, version: entry.to_version }}
              className="inline-flex min-h-6 items-center text-accent"
            >
              version {entry.from_version} to {entry.to_version}
            </Link>
          )}
        </span>
        <span className="text-muted">
          by {entry.by ? inert(entry.by) : "the service"}, <Ago ts={entry.ts} />
        </span>
      </div>
      {entry.experiment && (
        <p className="mt-1 mb-0 break-words text-muted">Decided by experiment {inert(entry.experiment)}</p>
      )}
      {entry.why && <p className="mt-1 mb-0 break-words">{inert(entry.why)}</p>}
      <Rules lines={added} word="Added" icon={<Plus aria-hidden="true" className="size-4 text-ok" />} />
      <Rules lines={removed} word="Removed" icon={<Minus aria-hidden="true" className="size-4 text-bad" />} />
      <Rules
        lines={trials}
        word="On trial"
        icon={<FlaskConical aria-hidden="true" className="size-4 text-warn" />}
      />
      <Rejected rules={rejected} />
      <Behind calls={interactions} />
    </li>
  );
}

function Rules({ lines, word, icon }: { lines: string[]; word: string; icon: ReactNode }) {
  if (lines.length === 0) return null;
  return (
    <div className="mt-2">
      <div className="flex items-center gap-1.5 text-xs font-medium">
        {icon}
        {word}
      </div>
      <ul className="m-0 mt-1 list-disc pl-9">
        {lines.map((line) => (
          <li key={line} className="break-words">
            {inert(line)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Rejected({ rules }: { rules: NonNullable<MemoryDiff["rejected"]> }) {
  if (rules.length === 0) return null;
  return (
    <div className="mt-2">
      <div className="flex items-center gap-1.5 text-xs font-medium">
        <ShieldX aria-hidden="true" className="size-4 text-warn" />
        Turned away by the gate
      </div>
      <ul className="m-0 mt-1 list-disc pl-9">
        {rules.map((rule) => (
          <li key={rule.text} className="break-words">
            {inert(rule.text)} <span className="text-muted">– {inert(rule.reason)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Behind({ calls }: { calls: string[] }) {
  if (calls.length === 0) return null;
  return (
    <Disclosure className="mt-2" summary={`${plural(calls.length, "model call")} behind it`}>
      <ul className="m-0 flex list-none flex-wrap gap-x-3 gap-y-1 p-0 pl-6">
        {calls.map((call) => (
          <li key={call}>
            <Link
              to="/logs"
              search={{ call }}
              className="inline-flex min-h-6 items-center font-mono text-xs text-accent"
            >
              {call.slice(0, 12)}
            </Link>
          </li>
        ))}
      </ul>
    </Disclosure>
  );
}
