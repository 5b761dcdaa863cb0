import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import type { useCalls } from "./use-calls";

interface Props {
  count: number;
  query: ReturnType<typeof useCalls>["query"];
  searching: boolean;
}

/** How many there are, and the way to older ones. A search looks at a thousand calls at a time, and says so. */
export function LoadMore({ count, query, searching }: Props) {
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  return (
    <div className="mt-3 flex flex-wrap items-center justify-center gap-3 text-muted">
      <span>
        {hasNextPage && searching && count === 0
          ? "Nothing found in the newest calls"
          : `${plural(count, "call")} ${hasNextPage ? "so far" : "in all"}`}
      </span>
      {hasNextPage && (
        <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {searching ? "Look further back" : "Load older"}
        </Button>
      )}
    </div>
  );
}
