import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import type { AgentName, IdentityAnswer } from "@/api/types";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { CopyButton } from "@/ui/copy";
import { Disclosure } from "@/ui/disclosure";
import { QueryPanel, Skeleton } from "@/ui/states";

/** Who it is, section by section, and the text that its prompts begin with. */
export function IdentityTab({ agent }: { agent: AgentName }) {
  const query = useQuery(queries.identity(agent));
  return (
    <QueryPanel query={query} skeleton={<Skeleton lines={8} className="min-h-80" />}>
      {({ identity }) => (
        <div className="flex flex-col gap-4">
          <div className="grid gap-4 lg:grid-cols-2">
            <Section title="Expertise" lines={identity.expertise} none="None was written down" />
            <Section title="Code style" lines={identity.code_style} none="None was written down" />
            <Section
              title="Rules learned"
              lines={identity.learned_rules}
              off={identity.disabled}
              none="No rule was learned from tasks yet"
            />
            <Section
              title="Correction rules"
              lines={identity.correction_rules}
              off={identity.disabled}
              none="No rule came from corrections yet"
            />
            <Section
              title="Past mistakes to avoid"
              lines={identity.past_mistakes}
              none="None is remembered"
            />
            <Beliefs beliefs={identity.beliefs ?? {}} />
          </div>
          <AsTold agent={agent} version={identity.version ?? 1} />
        </div>
      )}
    </QueryPanel>
  );
}

interface SectionProps {
  title: string;
  lines?: string[];
  none: string;
  /** Those that are kept and not told. */
  off?: string[];
}

function Section({ title, lines = [], none, off = [] }: SectionProps) {
  return (
    <Card title={title}>
      {lines.length === 0 ? (
        <p className="m-0 text-muted">{none}.</p>
      ) : (
        <ul className="m-0 flex list-disc flex-col gap-1 pl-5">
          {lines.map((line) => (
            <li key={line} className="break-words">
              {inert(line)}
              {off.includes(line) && <span className="text-muted"> (disabled: not told)</span>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Beliefs({ beliefs }: { beliefs: NonNullable<IdentityAnswer["identity"]["beliefs"]> }) {
  const entries = Object.entries(beliefs).sort(([a], [b]) => a.localeCompare(b));
  return (
    <Card title="Beliefs">
      {entries.length === 0 ? (
        <p className="m-0 text-muted">None was written down.</p>
      ) : (
        <dl className="m-0 flex flex-col gap-1">
          {entries.map(([about, what]) => (
            <div key={about} className="break-words">
              <dt className="inline font-medium">{inert(about)}: </dt>
              <dd className="m-0 inline">{inert(what)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

/** The text of this version exactly as prompts hold it. */
function AsTold({ agent, version }: { agent: AgentName; version: number }) {
  return (
    <Card title="As prompts hold it">
      <Disclosure summary="Show the text">
        <Told agent={agent} version={version} />
      </Disclosure>
    </Card>
  );
}

function Told({ agent, version }: { agent: AgentName; version: number }) {
  const query = useQuery(queries.versionDiff(agent, version, version));
  return (
    <QueryPanel query={query}>
      {({ after }) => (
        <>
          <pre className="mt-2 mb-2 overflow-x-auto rounded bg-sunken p-3 whitespace-pre-wrap">
            {inert(after)}
          </pre>
          <CopyButton text={after} label="Copy" />
        </>
      )}
    </QueryPanel>
  );
}
