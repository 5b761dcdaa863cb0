import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { History, Undo2 } from "lucide-react";
import { useState } from "react";
import { queries } from "@/api/queries";
import type { AgentName, VersionView } from "@/api/types";
import { OnlyAdmins } from "@/blocks/role";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { QueryPanel, Skeleton } from "@/ui/states";
import { Table } from "@/ui/table";
import { Ago } from "@/ui/time";
import { Compare } from "./compare";
import { Rollback } from "./rollback";
import { pair } from "./version-pair";

/** The kept versions, what differs between two of them, and the way back to one. */
export function VersionsTab({ agent }: { agent: AgentName }) {
  const query = useQuery(queries.versions(agent));
  return (
    <QueryPanel query={query} skeleton={<Skeleton lines={6} className="min-h-64" />}>
      {(versions) => (
        <div className="flex flex-col gap-4">
          <VersionList agent={agent} versions={versions} />
          <Compare agent={agent} versions={versions} />
        </div>
      )}
    </QueryPanel>
  );
}

function VersionList({ agent, versions }: { agent: AgentName; versions: VersionView[] }) {
  const { data: caller } = useQuery(queries.whoami());
  const [wanted, setWanted] = useState<VersionView | null>(null);
  const locked = caller !== undefined && caller.role !== "admin";
  const current = versions.find((each) => each.current);
  return (
    <Card title="Versions">
      {locked && (
        <div className="mb-3">
          <OnlyAdmins what="Rolling back" role={caller.role ?? "viewer"} />
        </div>
      )}
      <div className="-mx-4 -my-2 max-md:[&_th:is(:nth-child(2),:nth-child(n+4))]:hidden [&_:is(td,th):first-child]:pl-4 [&_:is(td,th):last-child]:pr-4">
        <Table
          label="Versions of this agent"
          head={[
            "Version",
            "When",
            "Why",
            "By",
            "Rules",
            <span key="act" className="sr-only">
              Actions
            </span>,
          ]}
        >
          {versions.map((each) => (
            <Row
              key={each.version}
              version={each}
              first={pair(versions, each.version) === null}
              locked={locked}
              onRollback={() => setWanted(each)}
            />
          ))}
        </Table>
      </div>
      <p className="mt-4 mb-0 text-xs text-muted">The newest 10 versions are kept.</p>
      {wanted && current && (
        <Rollback
          agent={agent}
          to={wanted}
          current={current.version}
          newest={Math.max(...versions.map((each) => each.version))}
          onClose={() => setWanted(null)}
        />
      )}
    </Card>
  );
}

interface RowProps {
  version: VersionView;
  /** There is no kept version before it. */
  first: boolean;
  locked: boolean;
  onRollback: () => void;
}

/** On narrow screens the other columns stand below the reason. */
function Row(props: RowProps) {
  const { version } = props;
  const { version: shown } = useSearch({ from: "/agents/$agent" });
  const when = version.saved_at > 0 ? <Ago ts={version.saved_at} /> : "not recorded";
  const by = version.by ? inert(version.by) : "the service";
  return (
    <tr aria-current={shown === version.version || undefined} className="aria-[current]:bg-sunken">
      <td className="whitespace-nowrap">
        <div className="flex gap-x-2 max-md:flex-col">
          <span className="font-medium tabular-nums">{version.version}</span>
          {version.current && <Badge tone="ok">Current</Badge>}
        </div>
      </td>
      <td className="whitespace-nowrap text-muted max-md:hidden">{when}</td>
      <td className="min-w-48 max-md:w-full">
        <div className="break-words">{version.why ? inert(version.why) : "not recorded"}</div>
        <div className="md:hidden">
          <div className="mb-2 text-xs text-muted">
            {when} by {by}, {plural(version.rules, "rule")}
          </div>
          <Actions {...props} />
        </div>
      </td>
      <td className="whitespace-nowrap text-muted max-md:hidden">{by}</td>
      <td className="tabular-nums max-md:hidden">{version.rules}</td>
      <td className="max-md:hidden">
        <Actions {...props} />
      </td>
    </tr>
  );
}

function Actions({ version, first, locked, onRollback }: RowProps) {
  const navigate = useNavigate({ from: "/agents/$agent" });
  return (
    <div className="flex flex-wrap gap-2 md:justify-end md:flex-nowrap">
      {!first && (
        <Button
          size="small"
          icon={<History aria-hidden="true" className="size-3.5" />}
          onClick={() =>
            void navigate({ search: { tab: "versions", version: version.version }, replace: true })
          }
        >
          What it changed
          <span className="sr-only">: version {version.version}</span>
        </Button>
      )}
      {!version.current && (
        <Button
          size="small"
          disabled={locked}
          icon={<Undo2 aria-hidden="true" className="size-3.5" />}
          onClick={onRollback}
        >
          Roll back
          <span className="sr-only"> to version {version.version}</span>
        </Button>
      )}
    </div>
  );
}
