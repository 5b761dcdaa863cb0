/** What is being written to a question. It outlives the card, so that closing one or leaving the page loses nothing. */

import { useCallback, useSyncExternalStore } from "react";

const drafts = new Map<string, string>();
const watchers = new Set<() => void>();

export function setDraft(id: string, text: string): void {
  if (text === "") drafts.delete(id);
  else drafts.set(id, text);
  for (const watcher of watchers) watcher();
}

export function useDraft(id: string): [text: string, change: (text: string) => void] {
  const text = useSyncExternalStore(watch, () => drafts.get(id) ?? "");
  return [text, useCallback((next) => setDraft(id, next), [id])];
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
