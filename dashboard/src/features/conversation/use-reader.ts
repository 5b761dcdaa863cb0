/** How one reads the list: following or not, which row one is at, which are open, and the keys for it. */

import { useCallback, useEffect, useRef, useState } from "react";
import { useShortcut } from "@/lib/shortcuts";
import type { Goal } from "./feed";
import { nextRow, type Row } from "./rows";

export interface Reader {
  following: boolean;
  follow: (on: boolean) => void;
  goal: Goal | null;
  reveal: (key: string, align?: Goal["align"]) => void;
  open: ReadonlySet<string>;
  toggle: (key: string) => void;
  show: (key: string) => void;
  active: string | null;
  setActive: (key: string) => void;
}

export function useReader(following: boolean): Reader {
  const [state, setState] = useState<{ following: boolean; goal: Goal | null }>({ following, goal: null });
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState<string | null>(null);
  const follow = useCallback((on: boolean) => setState({ following: on, goal: null }), []);
  const reveal = useCallback(
    (key: string, align: Goal["align"] = "center") => setState({ following: false, goal: { key, align } }),
    [],
  );
  const toggle = useCallback((key: string) => setOpen((before) => without(before, key)), []);
  const show = useCallback((key: string) => setOpen((before) => new Set(before).add(key)), []);
  return { ...state, follow, reveal, open, toggle, show, active, setActive };
}

function without(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const changed = new Set(keys);
  if (!changed.delete(key)) changed.add(key);
  return changed;
}

/** Keys that go through the rows. `moreErrors` looks further back for an error where none is loaded. */
export function useReaderKeys(reader: Reader, rows: Row[], moreErrors: () => Promise<Row[]>): void {
  const { active, reveal, setActive } = reader;
  const focusOn = useFocus();
  const at = rows.findIndex((row) => row.key === active);
  const go = (index: number, align: Goal["align"]) => {
    const row = rows[index];
    if (row) goTo(row, align);
  };
  const goTo = (row: Row, align: Goal["align"]) => {
    setActive(row.key);
    reveal(row.key, align);
    focusOn(row.key);
  };
  const down = () => go(at === -1 ? rows.length - 1 : Math.min(rows.length - 1, at + 1), "auto");
  const up = () => go(at === -1 ? rows.length - 1 : Math.max(0, at - 1), "auto");
  useShortcut("j", "Next event", down);
  useShortcut("k", "Event before", up);
  useShortcut("e", "Show all of the event, or less", () => active !== null && reader.toggle(active));
  useShortcut("f", "Follow the newest events, or stop", () => reader.follow(!reader.following));
  useShortcut("x", "Next error", () => {
    const index = nextRow(rows, at === -1 ? rows.length - 1 : at, isBad);
    if (index !== -1) go(index, "center");
    else {
      void moreErrors().then((all) => {
        const found = all.findLast(isBad);
        if (found) goTo(found, "center");
      });
    }
  });
}

/** Focus a row as soon as it is there. */
function useFocus(): (key: string) => void {
  const frame = useRef(0);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return useCallback((key: string) => {
    let tries = 0;
    const look = () => {
      const row = document.querySelector<HTMLElement>(`article[data-key="${CSS.escape(key)}"]`);
      if (row) row.focus({ preventScroll: true });
      else if (tries++ < 20) frame.current = requestAnimationFrame(look);
    };
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(look);
  }, []);
}

const isBad = (row: Row) => row.bad;
