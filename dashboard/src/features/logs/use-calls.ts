import { type QueryClient, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type LogFilters, queries } from "@/api/queries";
import { useEvents } from "@/live";
import { mayShow } from "./filters";

/** The calls that these filters let through, and how many have ended since they were asked for. */
export function useCalls(filters: LogFilters) {
  const client = useQueryClient();
  const options = queries.logs(filters);
  const query = useInfiniteQuery(options);
  const [fresh, setFresh] = useState(0);
  const key = JSON.stringify(filters);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other filters are another list
  useEffect(() => setFresh(0), [key]);
  useEvents((events) => {
    const count = events.filter((event) => mayShow(event, filters)).length;
    if (count > 0) setFresh((now) => now + count);
  });
  // A list that is left keeps its newest page only: when it is looked at again, not all of it is fetched anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: other filters are another list
  useEffect(() => () => cut(client, options.queryKey), [client, key]);
  /** Begin anew at the newest; what was loaded below it is asked for when it is scrolled to. */
  const renew = async () => {
    cut(client, options.queryKey);
    setFresh(0);
    await query.refetch();
  };
  return { query, fresh, renew };
}

function cut(client: QueryClient, key: ReturnType<typeof queries.logs>["queryKey"]): void {
  client.setQueryData(
    key,
    (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
    { updatedAt: client.getQueryState(key)?.dataUpdatedAt },
  );
}
