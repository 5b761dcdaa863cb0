/** The list in its two modes: it follows the newest rows, or it is read. */

import { type KeyboardEvent, type ReactNode, useCallback, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Browse } from "./browse";
import type { RowProps } from "./row-view";
import type { Row } from "./rows";
import { Tail, tailRows } from "./tail";
import type { CallTexts } from "./texts";

/** A row, and how far below the upper edge it is seen. */
export interface Anchor {
  key: string;
  top: number;
}

/** A row that is to be brought into view; each asking is an object of its own. */
export interface Goal {
  key: string;
  align: "auto" | "center";
}

export interface FeedRows {
  rows: Row[];
  common: (row: Row) => Omit<RowProps, "row" | "index" | "style" | "ref">;
}

interface FeedProps {
  rows: Row[];
  texts: CallTexts;
  writing: ReadonlyMap<string, string>;
  busy: boolean;
  more: boolean;
  following: boolean;
  onFollow: (following: boolean) => void;
  onOlder: () => void;
  goal: Goal | null;
  marked: string | null;
  open: ReadonlySet<string>;
  onToggle: (key: string) => void;
  onActive: (key: string) => void;
  children?: ReactNode;
}

/** Moved so far from the end, one reads; so near to it, one follows again. */
const AWAY = 40;
const NEAR = 2;

export function Feed(props: FeedProps) {
  const { rows, texts, writing, busy, more, following, goal, marked, open, onFollow, onOlder } = props;
  const { onToggle, onActive } = props;
  const scroller = useRef<HTMLDivElement>(null);
  // A list that is read needs its box: it begins once that is there.
  const [boxed, setBoxed] = useState(false);
  const box = useCallback((element: HTMLDivElement | null) => {
    scroller.current = element;
    setBoxed(element !== null);
  }, []);
  const [sizes] = useState(() => new Map<string, number>());
  const anchor = useRef<Anchor | null>(null);
  const away = useRef(false);
  const top = useRef(0);

  const leave = useCallback(() => {
    const element = scroller.current;
    if (!element || !hasMore(element, rows.length)) return;
    anchor.current = look(element, sizes);
    away.current = false;
    flushSync(() => onFollow(false));
  }, [onFollow, sizes, rows.length]);

  // Left from outside (a key, a link): the place is read before the rows are replaced, for the list to begin there.
  const followed = useRef(following);
  if (followed.current && !following && anchor.current === null && scroller.current) {
    anchor.current = look(scroller.current, sizes);
  }
  useLayoutEffect(() => {
    followed.current = following;
    if (following) anchor.current = null;
  }, [following]);

  const nearTop = useCallback(() => {
    if (more && !busy) onOlder();
  }, [more, busy, onOlder]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (following && element && rows.length > 0 && !hasMore(element, rows.length)) nearTop();
  });

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const left = element.scrollHeight - element.clientHeight - element.scrollTop;
    const up = element.scrollTop < top.current - 1;
    top.current = element.scrollTop;
    if (following) {
      if (up && left > AWAY) leave();
      return;
    }
    if (left > AWAY) away.current = true;
    else if (left <= NEAR && away.current) onFollow(true);
  };
  const onKey = (event: KeyboardEvent) => {
    if (
      event.target !== scroller.current &&
      !(event.target instanceof HTMLElement && event.target.matches("article"))
    )
      return;
    if (event.key === "End") {
      event.preventDefault();
      onFollow(true);
    } else if (following && ["PageUp", "Home", "ArrowUp"].includes(event.key)) leave();
  };
  const common = (row: Row) => ({
    texts,
    writing: row.kind === "call" && row.state === "running" ? writing.get(row.callId) : undefined,
    open: open.has(row.key),
    marked: row.key === marked,
    onToggle,
    onFocus: onActive,
  });
  return (
    <div
      ref={box}
      role="feed"
      aria-label="Conversation"
      aria-busy={busy}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      onScroll={onScroll}
      onWheel={(event) => following && event.deltaY < 0 && leave()}
      onKeyDown={onKey}
      data-mode={following ? "tail" : "browse"}
      className="absolute inset-0 overflow-x-hidden overflow-y-auto overscroll-contain -outline-offset-2 [overflow-anchor:none]"
    >
      {following ? (
        <Tail scroller={scroller} rows={rows} common={common} />
      ) : (
        boxed && (
          <Browse
            scroller={scroller}
            rows={rows}
            common={common}
            sizes={sizes}
            anchor={
              goal !== null && !isThere(scroller.current, goal.key)
                ? { key: goal.key, top: 120 }
                : anchor.current
            }
            goal={goal}
            onNearTop={nearTop}
          />
        )
      )}
    </div>
  );
}

/** Whether there are rows above those in view. */
function hasMore(element: HTMLElement, rows: number): boolean {
  return element.scrollHeight > element.clientHeight || rows > tailRows(element.clientHeight);
}

function isThere(element: HTMLElement | null, key: string): boolean {
  return element?.querySelector(`[data-key="${CSS.escape(key)}"]`) != null;
}

/** The first row in view with its place, and the heights of all rows that are there. */
function look(element: HTMLElement, sizes: Map<string, number>): Anchor | null {
  const edge = element.getBoundingClientRect().top;
  let first: Anchor | null = null;
  for (const row of element.querySelectorAll<HTMLElement>("article[data-key]")) {
    const key = row.dataset.key ?? "";
    const box = row.getBoundingClientRect();
    sizes.set(key, box.height);
    if (first === null && box.bottom > edge) first = { key, top: box.top - edge };
  }
  return first;
}
