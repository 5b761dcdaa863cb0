/** The API key of this browser: in this tab only, or remembered. */

const NAME = "autonomy.key";
const listeners = new Set<() => void>();

function stores(): Storage[] {
  try {
    return [sessionStorage, localStorage];
  } catch {
    return [];
  }
}

let current: string | null = stores().reduce<string | null>(
  (found, store) => found ?? store.getItem(NAME),
  null,
);

export function apiKey(): string | null {
  return current;
}

/** Use this key from now on; null forgets it everywhere. */
export function setApiKey(key: string | null, remember = false): void {
  current = key;
  const [tab, browser] = stores();
  for (const store of [tab, browser]) store?.removeItem(NAME);
  if (key !== null) (remember ? browser : tab)?.setItem(NAME, key);
  for (const listener of listeners) listener();
}

export function onApiKey(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
