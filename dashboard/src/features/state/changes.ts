/** What a checkpoint changed, beside what was there before. */

import type { CheckpointView } from "@/api/types";

export interface Change {
  key: string;
  /** As text; null where the key was not there. */
  before: string | null;
  after: string;
}

/** By checkpoint id: each key that it changed, with its value in the newest checkpoint before. `oldest` comes first. */
export function changesOf(oldestFirst: readonly CheckpointView[]): Map<string, Change[]> {
  const values = new Map<string, string>();
  const found = new Map<string, Change[]>();
  for (const checkpoint of oldestFirst) {
    const changes = Object.entries(checkpoint.changed ?? {}).map(([key, value]) => ({
      key,
      before: values.get(key) ?? null,
      after: shown(value),
    }));
    for (const { key, after } of changes) values.set(key, after);
    found.set(checkpoint.checkpoint_id, changes);
  }
  return found;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
}

export interface Line {
  mark: " " | "+" | "-";
  text: string;
}

/** How much of what stayed the same is shown around what did not. */
const AROUND = 2;

/** The lines that differ between two texts, with a little of what is around them. */
export function lineDiff(before: string | null, after: string): Line[] {
  const old = before === null ? [] : before.split("\n");
  const now = after.split("\n");
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (
    end < old.length - start &&
    end < now.length - start &&
    old[old.length - 1 - end] === now[now.length - 1 - end]
  ) {
    end += 1;
  }
  const marked = (mark: Line["mark"], lines: string[]) => lines.map((text) => ({ mark, text }));
  return [
    ...marked(" ", now.slice(Math.max(0, start - AROUND), start)),
    ...marked("-", old.slice(start, old.length - end)),
    ...marked("+", now.slice(start, now.length - end)),
    ...marked(" ", now.slice(now.length - end, now.length - end + AROUND)),
  ];
}
