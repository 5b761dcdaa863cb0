import { useInfiniteQuery } from "@tanstack/react-query";
import { RefreshCw, ShieldCheck } from "lucide-react";
import { queries } from "@/api/queries";
import type { AuditEntry } from "@/api/types";
import { OnlyAdmins } from "@/blocks/role";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { Table } from "@/ui/table";
import { Ago } from "@/ui/time";
import { actWords } from "./audit-words";
import { StateBadge } from "./state-badge";
import { useRole } from "./use-caller";

/** Who did what, newest first. */
export function AuditTab() {
  const role = useRole();
  if (role !== undefined && role !== "admin") return <OnlyAdmins what="Looking at the audit" role={role} />;
  return role === undefined ? <Skeleton lines={8} /> : <Audit />;
}

function Audit() {
  const query = useInfiniteQuery(queries.audit());
  return (
    <Card
      title="Audit"
      actions={
        <Button
          size="small"
          busy={query.isRefetching && !query.isFetchingNextPage}
          icon={<RefreshCw aria-hidden="true" className="size-3.5" />}
          onClick={() => void query.refetch()}
        >
          Refresh
        </Button>
      }
    >
      <QueryPanel
        query={query}
        skeleton={<Skeleton lines={10} className="min-h-72" />}
        isEmpty={({ pages }) => pages.every((page) => page.items.length === 0)}
        whenEmpty={
          <Empty title="Nothing was done yet" icon={<ShieldCheck aria-hidden="true" />}>
            Everything that changes something stands here with who did it, and what was refused for its key.
          </Empty>
        }
      >
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.items);
          return (
            <>
              <Entries entries={entries} />
              <div className="mt-3 flex flex-wrap items-center justify-center gap-3 text-muted">
                {plural(entries.length, "entry", "entries")} {query.hasNextPage ? "so far" : "in all"}
                {query.hasNextPage && (
                  <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    Load older
                  </Button>
                )}
              </div>
            </>
          );
        }}
      </QueryPanel>
    </Card>
  );
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <div className="-mx-4 -mt-4 [&_:is(td,th):first-child]:pl-4">
      <Table label="Audit" head={["When", "Who", "What", "Answer", "By way of", "Request"]}>
        {entries.map((entry, index) => (
          <tr key={entry.position ?? `${entry.ts}-${index}`}>
            <td className="whitespace-nowrap text-muted">
              <Ago ts={entry.ts} />
            </td>
            <td className="whitespace-nowrap">
              {entry.name ? inert(entry.name) : <span className="text-muted">no name</span>}
              {entry.role && <div className="text-xs text-muted">{entry.role}</div>}
            </td>
            <td className="w-full min-w-64" title={entry.action}>
              <code className="break-all">{inert(actWords(entry))}</code>
            </td>
            <td className="whitespace-nowrap">
              <StateBadge state={entry.status < 400 ? "ok" : "bad"}>{entry.status}</StateBadge>
            </td>
            <td className="whitespace-nowrap">
              {inert(entry.via)}
              {entry.client && <div className="text-xs text-muted">{inert(entry.client)}</div>}
            </td>
            <td className="font-mono text-xs whitespace-nowrap text-muted">{entry.request_id}</td>
          </tr>
        ))}
      </Table>
    </div>
  );
}
