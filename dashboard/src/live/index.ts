/** The live side of the page: one hub, what its events do to kept answers, and hooks to look at it. */

import type { QueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { gate } from "@/api/gate";
import { onApiKey } from "@/api/key";
import type { StoredEvent } from "@/api/types";
import { FALLBACK_MS, FALLBACK_TRIES, Hub, type LiveStatus } from "./hub";
import { Reactions } from "./reactions";

export const hub = new Hub(gate);

/** Begin; what is returned ends it. */
export function startLive(client: QueryClient): () => void {
  const reactions = new Reactions(client);
  const ends = [hub.listen(reactions.take), hub.onReset(reactions.reset), onApiKey(() => hub.reconnect())];
  const fallback = setInterval(() => {
    const { state, tries } = hub.status;
    if (state === "reconnecting" && tries >= FALLBACK_TRIES)
      void client.invalidateQueries({ type: "active" });
  }, FALLBACK_MS);
  hub.start();
  return () => {
    clearInterval(fallback);
    for (const end of ends) end();
    reactions.stop();
    hub.stop();
  };
}

export function useLive(): LiveStatus {
  return useSyncExternalStore(hub.watch, () => hub.status);
}

/** Call `handler` with each batch of events while the component is there. */
export function useEvents(handler: (events: StoredEvent[]) => void): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => hub.listen((events) => latest.current(events)), []);
}
