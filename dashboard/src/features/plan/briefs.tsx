import type { TaskPlan } from "@/api/types";
import { AgentBadge } from "@/blocks/status";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { Disclosure } from "@/ui/disclosure";

type Brief = NonNullable<TaskPlan["briefs"]>[number];

/** Who takes part and why, what each was asked for, and which paths are its own. */
export function Briefs({ briefs }: { briefs: Brief[] }) {
  const busy = briefs.filter((each) => each.takes_part);
  const idle = briefs.filter((each) => !each.takes_part);
  return (
    <Card title="Agents of this plan">
      <ul className="m-0 flex list-none flex-col gap-3 p-0">
        {busy.map((brief) => (
          <li key={brief.agent} className="flex flex-col gap-1 border-line not-first:border-t not-first:pt-3">
            <div className="flex flex-wrap items-center gap-2">
              <AgentBadge agent={brief.agent} />
              <span className="min-w-0 text-muted">{inert(brief.why ?? "")}</span>
            </div>
            {brief.brief && <p className="m-0 break-words whitespace-pre-wrap">{inert(brief.brief)}</p>}
            <Owns paths={brief.owns ?? []} />
          </li>
        ))}
      </ul>
      {idle.length > 0 && (
        <section className="mt-4 border-t border-line pt-3">
          <h3 className="m-0 mb-2 text-[13px] font-semibold text-muted">Take no part</h3>
          <ul className="m-0 flex list-none flex-col gap-1.5 p-0">
            {idle.map((brief) => (
              <li key={brief.agent} className="flex flex-wrap items-center gap-2 text-muted">
                <AgentBadge agent={brief.agent} />
                {inert(brief.why ?? "")}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Card>
  );
}

/** Few paths stand there; more of them when asked for. */
const FEW = 4;

function Owns({ paths }: { paths: readonly string[] }) {
  if (paths.length === 0) return null;
  const all = (
    <ul aria-label="Paths that only it writes" className="m-0 flex list-none flex-wrap gap-1 p-0">
      {paths.map((path) => (
        <li key={path}>
          <code className="rounded bg-sunken px-1.5 py-0.5 text-xs break-all">{inert(path)}</code>
        </li>
      ))}
    </ul>
  );
  if (paths.length <= FEW) return all;
  return (
    <Disclosure summary={<span className="text-xs text-muted">owns {paths.length} paths</span>}>
      {all}
    </Disclosure>
  );
}
