import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

export const LABEL = 112;
export const HEAD = 20;
export const ROW = 26;
export const LANE_GAP = 8;
const MOST = 60;
const STEP = 1.6;

export interface Zoom {
  factor: number;
  by: (times: number) => void;
  fit: () => void;
}

export function useZoomFactor(): Zoom & { more: () => void; less: () => void } {
  const [factor, setFactor] = useState(1);
  const by = useCallback(
    (times: number) => setFactor((before) => Math.min(MOST, Math.max(1, before * times))),
    [],
  );
  return { factor, by, fit: () => setFactor(1), more: () => by(STEP), less: () => by(1 / STEP) };
}

/** The plot's width, and its scroll box: what is under the pointer (or in the middle) stays there. */
export function useZoom({ factor, by }: Zoom): { scroller: RefObject<HTMLDivElement | null>; width: number } {
  const scroller = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(700);
  const pointer = useRef<number | null>(null);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => element.clientWidth > 0 && setRoom(Math.max(160, element.clientWidth - LABEL - 8));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // The browser's own zoom is meant where the pointer is elsewhere.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      pointer.current = event.clientX - element.getBoundingClientRect().left - LABEL;
      by(Math.exp(-event.deltaY * 0.003));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [by]);
  const width = room * factor;
  const before = useRef(factor);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || before.current === factor) return;
    const at = pointer.current ?? room / 2;
    element.scrollLeft = factor === 1 ? 0 : ((element.scrollLeft + at) * factor) / before.current - at;
    before.current = factor;
    pointer.current = null;
  }, [factor, room]);
  return { scroller, width };
}
