/** Keys that do something: each is registered by what it belongs to, and listed in the help. */

import { useEffect, useRef } from "react";
import { preferences } from "./preferences";

export interface Shortcut {
  /** One key (`f`, `?`, `ArrowDown`), two after each other (`g i`), or with Mod for Ctrl or Cmd (`Mod+k`). */
  keys: string;
  does: string;
  run: (event: KeyboardEvent) => void;
}

const PAIR_MS = 1_200;
const registered: Shortcut[] = [];
let first: { key: string; at: number } | null = null;

/** Register while the component is there. The newest registration of a key wins. */
export function useShortcut(
  keys: string,
  does: string,
  run: (event: KeyboardEvent) => void,
  enabled = true,
): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!enabled) return;
    const shortcut: Shortcut = { keys, does, run: (event) => latest.current(event) };
    registered.push(shortcut);
    return () => {
      registered.splice(registered.indexOf(shortcut), 1);
    };
  }, [keys, does, enabled]);
}

/** All that work at the moment, for the help. */
export function activeShortcuts(): Shortcut[] {
  const newest = new Map(registered.map((each) => [each.keys, each]));
  return [...newest.values()].sort((a, b) => a.keys.localeCompare(b.keys));
}

/** Listen on the whole page; what is returned ends it. */
export function startShortcuts(): () => void {
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const held = event.ctrlKey || event.metaKey;
  if (held) {
    press(`Mod+${event.key.toLowerCase()}`, event);
    return;
  }
  if (event.altKey || !preferences().shortcuts || typing(event.target) || inDialog(event)) return;
  const key = event.key;
  const pair = first !== null && Date.now() - first.at < PAIR_MS ? `${first.key} ${key}` : null;
  first = null;
  if (pair !== null && press(pair, event)) return;
  if (press(key, event)) return;
  if (registered.some((each) => each.keys.startsWith(`${key} `))) first = { key, at: Date.now() };
}

function press(keys: string, event: KeyboardEvent): boolean {
  const found = registered.findLast((each) => each.keys === keys);
  if (!found) return false;
  event.preventDefault();
  found.run(event);
  return true;
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** A dialog keeps its keys to itself. */
function inDialog(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  return target?.closest('[role="dialog"],[role="alertdialog"],[role="menu"]') != null;
}
