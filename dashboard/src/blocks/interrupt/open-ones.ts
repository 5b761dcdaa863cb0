/** Which questions of a list are open. */

export interface OpenOnes {
  /** The ids in the list when it was looked at last; null before it was there. */
  seen: readonly string[] | null;
  open: ReadonlySet<string>;
}

export const NONE_SEEN: OpenOnes = { seen: null, open: new Set() };

/** The first question is opened when the list comes; when the last open one is gone, the one in its place. */
export function follow(state: OpenOnes, ids: readonly string[]): OpenOnes {
  const { seen, open } = state;
  if (seen !== null && seen.length === ids.length && seen.every((id, at) => id === ids[at])) return state;
  const still = new Set([...open].filter((id) => ids.includes(id)));
  const [first] = ids;
  if (first === undefined) return { seen: seen === null ? null : ids, open: still };
  if (seen === null) return { seen: ids, open: new Set([first]) };
  if (open.size === 0 || still.size > 0) return { seen: ids, open: still };
  const place = seen.findIndex((id) => open.has(id));
  const next = seen.slice(place).find((id) => ids.includes(id)) ?? ids.at(-1) ?? first;
  return { seen: ids, open: new Set([next]) };
}

export function toggled(state: OpenOnes, id: string): OpenOnes {
  const open = new Set(state.open);
  if (!open.delete(id)) open.add(id);
  return { ...state, open };
}

/** The question after `current` in the list, from its end on to its beginning. */
export function nextOf(ids: readonly string[], current: string | null): string | null {
  const at = current === null ? -1 : ids.indexOf(current);
  return ids[(at + 1) % ids.length] ?? null;
}
