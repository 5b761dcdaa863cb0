import { useInfiniteQuery } from "@tanstack/react-query";
import { Brain } from "lucide-react";
import { queries } from "@/api/queries";
import type { AgentName, MemoryDiff } from "@/api/types";
import { Button } from "@/ui/button";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { MemoryEntry } from "./memory-entry";

/** What changed it, newest first. */
export function MemoryTab({ agent }: { agent: AgentName }) {
  const query = useInfiniteQuery(queries.memoryDiffs(agent));
  return (
    <QueryPanel
      query={query}
      skeleton={<Skeleton lines={6} className="min-h-64" />}
      isEmpty={({ pages }) => pages.every((page) => page.items.length === 0)}
      whenEmpty={
        <Empty title="Nothing has changed this agent yet" icon={<Brain aria-hidden="true" />}>
          Rules that were added, removed or turned away will stand here, with the reason and the model calls
          behind them. {LATER}
        </Empty>
      }
    >
      {({ pages }) => {
        const entries = pages.flatMap((page) => page.items);
        return (
          <>
            {!reflected(entries) && <p className="mt-0 max-w-prose text-muted">{LATER}</p>}
            <ol className="m-0 flex list-none flex-col gap-3 p-0">
              {entries.map((entry) => (
                <MemoryEntry key={entry.diff_id} entry={entry} />
              ))}
            </ol>
            {query.hasNextPage && (
              <div className="mt-3 flex justify-center">
                <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  Load older
                </Button>
              </div>
            )}
          </>
        );
      }}
    </QueryPanel>
  );
}

const LATER =
  "Reflection, which reads an agent's calls after every 3 finished tasks, comes in a later release: until then it is people who change an agent, by its rules and by rollback.";

/** Whether reflection has ever changed this agent, or tried to. */
export function reflected(entries: readonly Pick<MemoryDiff, "kind">[]): boolean {
  return entries.some(({ kind }) => kind === "reflection");
}
