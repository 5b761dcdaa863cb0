/** Every model call: narrowed, looked at one by one, taken along as a file. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowUp, ScrollText } from "lucide-react";
import { useMemo } from "react";
import { plural } from "@/lib/format";
import { wishNewTask } from "@/lib/new-task";
import { Button } from "@/ui/button";
import { PageHeader } from "@/ui/card";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { CallDrawer } from "./drawer";
import { ExportButton } from "./export";
import { FilterBar } from "./filter-bar";
import { filtersOf, isFiltered } from "./filters";
import { LoadMore } from "./more";
import { CallTable } from "./table";
import { useCalls } from "./use-calls";

export default function Page() {
  const search = useSearch({ from: "/logs" });
  const navigate = useNavigate({ from: "/logs" });
  const filters = filtersOf(search);
  const { query, fresh, renew } = useCalls(filters);
  const { data, hasNextPage } = query;
  const calls = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const open = (call?: string, replace = false) =>
    void navigate({ search: (now) => ({ ...now, call }), replace, resetScroll: false });
  return (
    <>
      <PageHeader title="Logs" note="Every call of a model, with what was asked and what came back.">
        <ExportButton filters={filters} />
      </PageHeader>
      <FilterBar />
      <div role="status" className="flex justify-center">
        {fresh > 0 && (
          <Button
            kind="primary"
            size="small"
            className="sticky top-16 z-10 mb-3"
            icon={<ArrowUp aria-hidden="true" className="size-3.5" />}
            onClick={() => {
              scrollTo({ top: 0 });
              void renew();
            }}
          >
            Show {plural(fresh, "new call")}
            {search.q ? " that may match" : ""}
          </Button>
        )}
      </div>
      <QueryPanel
        query={query}
        skeleton={<Skeleton lines={14} className="rounded-lg border border-line bg-surface p-4" />}
        isEmpty={() => calls.length === 0 && !hasNextPage}
        whenEmpty={isFiltered(filters) ? <NoneMatch /> : <NoneYet />}
      >
        {() => (
          <>
            {calls.length > 0 && (
              <CallTable calls={calls} query={query} open={search.call} onOpen={(id) => open(id)} />
            )}
            <LoadMore count={calls.length} query={query} searching={Boolean(search.q)} />
          </>
        )}
      </QueryPanel>
      {search.call && (
        <CallDrawer id={search.call} calls={calls} onGo={(id) => open(id, true)} onClose={() => open()} />
      )}
    </>
  );
}

function NoneYet() {
  return (
    <Empty
      title="No model was called yet"
      icon={<ScrollText aria-hidden="true" />}
      action={
        <Button kind="primary" onClick={() => wishNewTask()}>
          New task
        </Button>
      }
    >
      With the first task every call will stand here: the prompt, the answer, tokens, cost and time.
    </Empty>
  );
}

function NoneMatch() {
  const navigate = useNavigate({ from: "/logs" });
  return (
    <Empty
      title="No call matches"
      icon={<ScrollText aria-hidden="true" />}
      action={<Button onClick={() => void navigate({ search: {}, replace: true })}>Clear filters</Button>}
    >
      Search looks at the text of prompts and answers.
    </Empty>
  );
}
