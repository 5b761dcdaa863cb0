import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { GitCompareArrows, Minus, Plus } from "lucide-react";
import { useState } from "react";
import { queries } from "@/api/queries";
import type { AgentName, VersionDiff, VersionView } from "@/api/types";
import { DiffView } from "@/blocks/code";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { Select } from "@/ui/form";
import { Segmented } from "@/ui/segmented";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { type Pair, pair } from "./version-pair";

type Layout = "sections" | "text";

/** Two versions beside each other; which ones stands in the address. */
export function Compare({ agent, versions }: { agent: AgentName; versions: VersionView[] }) {
  const search = useSearch({ from: "/agents/$agent" });
  const [layout, setLayout] = useState<Layout>("sections");
  const two = pair(versions, search.version, search.base);
  if (two === null) {
    return (
      <Card title="What changed">
        <Empty title="Nothing has changed this agent yet" icon={<GitCompareArrows aria-hidden="true" />}>
          With a second version, what differs between the two stands here.
        </Empty>
      </Card>
    );
  }
  return (
    <Card
      title={`From version ${two.base} to version ${two.version}`}
      actions={
        <Segmented<Layout>
          label="Show"
          value={layout}
          options={[
            { value: "sections", label: "Sections" },
            { value: "text", label: "Prompt text" },
          ]}
          onChange={setLayout}
        />
      }
    >
      <Choice versions={versions} two={two} />
      <Difference agent={agent} two={two} layout={layout} />
    </Card>
  );
}

function Choice({ versions, two }: { versions: VersionView[]; two: Pair }) {
  const navigate = useNavigate({ from: "/agents/$agent" });
  const go = (next: Pair) => void navigate({ search: { tab: "versions", ...next }, replace: true });
  const options = versions.map(({ version, current }) => (
    <option key={version} value={version}>
      Version {version}
      {current ? " (current)" : ""}
    </option>
  ));
  return (
    <div className="mb-3 grid grid-cols-2 gap-3 sm:max-w-md">
      <Select
        label="From"
        value={two.base}
        onChange={({ target }) => go({ ...two, base: Number(target.value) })}
      >
        {options}
      </Select>
      <Select
        label="To"
        value={two.version}
        onChange={({ target }) => go({ ...two, version: Number(target.value) })}
      >
        {options}
      </Select>
    </div>
  );
}

function Difference({ agent, two, layout }: { agent: AgentName; two: Pair; layout: Layout }) {
  const query = useQuery(queries.versionDiff(agent, two.version, two.base));
  return (
    <QueryPanel query={query} skeleton={<Skeleton lines={5} className="min-h-40" />}>
      {(diff) => (layout === "text" ? <AsText diff={diff} agent={agent} /> : <Sections diff={diff} />)}
    </QueryPanel>
  );
}

function AsText({ diff, agent }: { diff: VersionDiff; agent: AgentName }) {
  if (diff.before === diff.after) {
    return <p className="m-0 text-muted">Prompts hold the same text in both versions.</p>;
  }
  return (
    <div className="overflow-hidden rounded border border-line">
      <DiffView
        path={`${agent}.txt`}
        before={inert(diff.before)}
        after={inert(diff.after)}
        labels={{ before: `Version ${diff.base}`, after: `Version ${diff.version}` }}
        layout={matchMedia("(min-width: 900px)").matches ? "split" : "unified"}
        whole
      />
    </div>
  );
}

function Sections({ diff }: { diff: VersionDiff }) {
  const sections = diff.sections ?? [];
  if (sections.length === 0) return <p className="m-0 text-muted">The two versions say the same.</p>;
  return (
    <div className="flex flex-col gap-4">
      {sections.map((section) => (
        <section key={section.name}>
          <h3 className="m-0 mb-1 text-sm font-medium">{sectionTitle(section.name)}</h3>
          <div className="grid gap-2 md:grid-cols-2">
            <Lines kind="removed" lines={section.removed ?? []} />
            <Lines kind="added" lines={section.added ?? []} />
          </div>
        </section>
      ))}
    </div>
  );
}

/** `learned_rules` as people say it. */
export function sectionTitle(name: string): string {
  const words = inert(name).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function Lines({ kind, lines }: { kind: "added" | "removed"; lines: string[] }) {
  const Icon = kind === "added" ? Plus : Minus;
  const colour = kind === "added" ? "bg-ok-soft text-ok" : "bg-bad-soft text-bad";
  if (lines.length === 0) {
    return <p className="m-0 rounded bg-sunken px-3 py-2 text-muted max-md:hidden">Nothing {kind}</p>;
  }
  return (
    <ul aria-label={kind} className={`m-0 flex list-none flex-col gap-1 rounded px-3 py-2 ${colour}`}>
      {lines.map((line) => (
        <li key={line} className="flex min-w-0 items-start gap-2">
          <Icon role="img" aria-label={kind} className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 break-words text-text">{inert(line)}</span>
        </li>
      ))}
    </ul>
  );
}
