/** What the screen, or a part of it, has room for. */

import { type RefObject, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";

/** Whether a media query holds, as it changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (watcher) => {
      const list = matchMedia(query);
      list.addEventListener("change", watcher);
      return () => list.removeEventListener("change", watcher);
    },
    () => matchMedia(query).matches,
  );
}

/** Whether an element is at least so many pixels wide, as it changes; true where nothing can be measured yet. */
export function useWider<T extends HTMLElement>(pixels: number): [RefObject<T | null>, boolean] {
  const element = useRef<T>(null);
  const [wider, setWider] = useState(true);
  useLayoutEffect(() => {
    const watched = element.current;
    if (watched === null) return;
    const measure = () => setWider(watched.clientWidth >= pixels);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(watched);
    return () => observer.disconnect();
  }, [pixels]);
  return [element, wider];
}
