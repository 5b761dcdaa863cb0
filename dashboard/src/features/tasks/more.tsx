import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { asProblem } from "@/api/problem";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";

type Paged = Pick<
  UseInfiniteQueryResult,
  "hasNextPage" | "isFetchingNextPage" | "fetchNextPage" | "isFetchNextPageError" | "error"
>;

/** The next page comes when the end is in view, or is asked for. After an error only when asked. */
export function LoadMore({ query, count }: { query: Paged; count: number }) {
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = query;
  const end = useRef<HTMLDivElement>(null);
  const wanted = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    const element = end.current;
    if (!element || !wanted || typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver(
      ([entry]) => entry?.isIntersecting && void fetchNextPage({ cancelRefetch: false }),
      { rootMargin: "400px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [wanted, fetchNextPage]);
  return (
    <div ref={end} className="flex flex-wrap items-center justify-center gap-3 py-4 text-muted">
      <span role="status">{hasNextPage ? `${plural(count, "task")} so far` : plural(count, "task")}</span>
      {isFetchNextPageError && <span className="text-bad">{asProblem(query.error).message}</span>}
      {hasNextPage && (
        <Button size="small" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Load more
        </Button>
      )}
    </div>
  );
}
