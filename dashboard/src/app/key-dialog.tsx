/** Asks for the key when the service wants one. */

import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { apiKey, onApiKey } from "@/api/key";
import { asProblem } from "@/api/problem";
import { useLive } from "@/live";

const KeyForm = lazy(() => import("./key-form"));

export function KeyDialog() {
  const { state } = useLive();
  const key = useSyncExternalStore(onApiKey, apiKey);
  const client = useQueryClient();
  const refused = useRefused();
  const [closed, setClosed] = useState(false);
  const needed = state === "unauthorised" || refused;
  useEffect(() => {
    if (!needed) setClosed(false);
  }, [needed]);
  useEffect(
    () =>
      onApiKey(() => {
        setClosed(false);
        void client.resetQueries();
      }),
    [client],
  );
  if (!needed) return null;
  if (closed) return null;
  return (
    <Suspense>
      <KeyForm wrong={key !== null} onClose={() => setClosed(true)} />
    </Suspense>
  );
}

/** Whether the newest answer to a question of the page was 401. */
function useRefused(): boolean {
  const client = useQueryClient();
  const cache = client.getQueryCache();
  return useSyncExternalStore(
    (watcher) => cache.subscribe(() => queueMicrotask(watcher)),
    () =>
      cache
        .getAll()
        .some(
          (query) =>
            query.isActive() && query.state.error !== null && asProblem(query.state.error).status === 401,
        ),
  );
}
