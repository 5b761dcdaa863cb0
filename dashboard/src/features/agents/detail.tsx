/** One agent: its rules and how they did, who it is, its versions, what changed it. */

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import type { ReactNode } from "react";
import { queries } from "@/api/queries";
import { AGENTS, type AgentName } from "@/api/types";
import { buttonClass } from "@/ui/button";
import { Empty, PanelBoundary } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { AgentHeader } from "./header";
import { IdentityTab } from "./identity";
import { MemoryTab } from "./memory";
import { RulesTab } from "./rules";
import { VersionsTab } from "./versions";

type TabName = "rules" | "identity" | "versions" | "memory";

export default function Page() {
  const { agent: wanted } = useParams({ from: "/agents/$agent" });
  const agent = AGENTS.find((each) => each === wanted);
  if (agent === undefined) return <NoSuchAgent name={wanted} />;
  return <Detail key={agent} agent={agent} />;
}

function Detail({ agent }: { agent: AgentName }) {
  const { tab = "rules" } = useSearch({ from: "/agents/$agent" });
  const navigate = useNavigate({ from: "/agents/$agent" });
  const { data: rules } = useQuery(queries.rules(agent));
  return (
    <>
      <Link to="/agents" className="mb-2 inline-flex min-h-6 items-center gap-1 text-muted no-underline">
        <ChevronLeft aria-hidden="true" className="size-4" />
        Agents
      </Link>
      <AgentHeader agent={agent} />
      <Tabs<TabName>
        label="Views of this agent"
        value={tab}
        items={[
          { value: "rules", name: "Rules", label: rules ? `Rules (${rules.length})` : "Rules" },
          { value: "identity", name: "Identity", label: "Identity" },
          { value: "versions", name: "Versions", label: "Versions" },
          { value: "memory", name: "Memory", label: "Memory" },
        ]}
        onChange={(next) => void navigate({ search: next === "rules" ? {} : { tab: next }, replace: true })}
      >
        <PanelBoundary key={tab}>{VIEWS[tab](agent)}</PanelBoundary>
      </Tabs>
    </>
  );
}

const VIEWS: Record<TabName, (agent: AgentName) => ReactNode> = {
  rules: (agent) => <RulesTab agent={agent} />,
  identity: (agent) => <IdentityTab agent={agent} />,
  versions: (agent) => <VersionsTab agent={agent} />,
  memory: (agent) => <MemoryTab agent={agent} />,
};

function NoSuchAgent({ name }: { name: string }) {
  return (
    <>
      <h1 className="sr-only">No such agent</h1>
      <Empty
        title="There is no such agent"
        action={
          <Link to="/agents" className={buttonClass("primary")}>
            All agents
          </Link>
        }
      >
        None is called <code className="break-all">{name.slice(0, 64)}</code>.
      </Empty>
    </>
  );
}
