import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import type { FeedRows } from "./feed";
import { RowView } from "./row-view";

const LOWEST_ROW = 28;

/** As many rows as surely fill a box of this height, and some to scroll to. */
export function tailRows(height: number): number {
  return Math.min(80, Math.max(30, Math.ceil(height / LOWEST_ROW) + 8));
}

/** The newest rows in plain elements, with the end always in view: what is measured first and painted later shows gaps. */
export function Tail({ scroller, rows, common }: { scroller: RefObject<HTMLElement | null> } & FeedRows) {
  const inner = useRef<HTMLDivElement>(null);
  const pin = () => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
  };
  useLayoutEffect(pin);
  useEffect(() => {
    if (!inner.current) return;
    const observer = new ResizeObserver(pin);
    observer.observe(inner.current);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  });
  const from = Math.max(0, rows.length - tailRows(scroller.current?.clientHeight ?? 0));
  return (
    <div ref={inner}>
      {rows.slice(from).map((row, index) => (
        <RowView key={row.key} row={row} index={from + index} {...common(row)} />
      ))}
    </div>
  );
}
