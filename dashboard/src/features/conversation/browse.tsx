import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { Anchor, FeedRows, Goal } from "./feed";
import { RowView } from "./row-view";
import type { Row } from "./rows";

const EARLY = 25;

interface BrowseProps extends FeedRows {
  scroller: RefObject<HTMLElement | null>;
  /** Heights that are known from before, by row. */
  sizes: Map<string, number>;
  anchor: Anchor | null;
  goal: Goal | null;
  onNearTop: () => void;
}

const ESTIMATES: Record<Row["kind"], number> = { turn: 40, call: 214, note: 36 };

/** All rows, of which only those near the view are there. What comes before or behind moves nothing that is read. */
export function Browse(props: BrowseProps) {
  const { scroller, rows, common, sizes, anchor, goal, onNearTop } = props;
  const estimate = useCallback((index: number) => sizeOf(rows[index], sizes), [rows, sizes]);
  const virtualizer = useVirtualizer<HTMLElement, HTMLElement>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: estimate,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 8,
    anchorTo: "end",
    directDomUpdates: true,
    initialOffset: () => offsetOf(rows, sizes, anchor, scroller.current?.clientHeight ?? 0),
  });
  const items = virtualizer.getVirtualItems();

  useEffect(() => {
    if ((items[0]?.index ?? EARLY) < EARLY) onNearTop();
  });
  useEffect(
    () => () => {
      for (const [key, size] of virtualizer.itemSizeCache) sizes.set(String(key), size);
    },
    [virtualizer, sizes],
  );
  useGoal(goal, rows, (index, align) => virtualizer.scrollToIndex(index, { align }));

  return (
    <div ref={virtualizer.containerRef} className="relative w-full">
      {items.map((item) => {
        const row = rows[item.index];
        if (!row) return null;
        return (
          <RowView
            key={row.key}
            ref={virtualizer.measureElement}
            row={row}
            index={item.index}
            {...common(row)}
            style={ABSOLUTE}
          />
        );
      })}
    </div>
  );
}

const ABSOLUTE = { position: "absolute", top: 0, left: 0 } as const;

/** Bring the row that was asked for into view, once for each asking. */
function useGoal(
  goal: Goal | null,
  rows: Row[],
  scroll: (index: number, align: "auto" | "center") => void,
): void {
  const done = useRef<Goal | null>(null);
  useLayoutEffect(() => {
    if (goal === null || goal === done.current) return;
    const index = rows.findIndex((row) => row.key === goal.key);
    if (index === -1) return;
    done.current = goal;
    scroll(index, goal.align);
  });
}

function sizeOf(row: Row | undefined, sizes: Map<string, number>): number {
  return row ? (sizes.get(row.key) ?? ESTIMATES[row.kind]) : 0;
}

/** Where the list is to begin so that the anchor's row is where it was seen; without one it begins at the end. */
function offsetOf(rows: Row[], sizes: Map<string, number>, anchor: Anchor | null, height: number): number {
  let start = 0;
  for (const row of rows) {
    if (row.key === anchor?.key) return Math.max(0, start - anchor.top);
    start += sizeOf(row, sizes);
  }
  return Math.max(0, start - height);
}
