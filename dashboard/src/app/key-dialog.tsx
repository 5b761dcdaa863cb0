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
  const refused = useRefused();
  const [closed, setClosed] = useState(false);
  // While the service is away no answer about a key is to be expected.
  const checking = useChecking() && state !== "reconnecting";
  const needed = state === "unauthorised" || refused;
  const [asking, setAsking] = useState(false);
  const shown = needed || (asking && checking);
  useEffect(() => {
    setAsking(shown);
    if (!shown) setClosed(false);
  }, [shown]);
  useEffect(() => onApiKey(() => setClosed(false)), []);
  if (!shown || closed) return null;
  return (
    <Suspense>
      <KeyForm checking={checking} wrong={key !== null && !checking} onClose={() => setClosed(true)} />
    </Suspense>
  );
}

/** Whether the questions of the page, asked again since there is another key, are still without an answer. */
function useChecking(): boolean {
  const client = useQueryClient();
  const [under, setUnder] = useState(0);
  useEffect(
    () =>
      onApiKey(() => {
        setUnder((count) => count + 1);
        void client.resetQueries().finally(() => setUnder((count) => count - 1));
      }),
    [client],
  );
  return under > 0;
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
