/** The service's time as this browser knows it, and a clock that ticks once a second for all who show durations. */

import { useSyncExternalStore } from "react";

let offsetMs = 0;
let tick = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** `date` is the Date header of an answer (whole seconds). Offsets under two seconds are taken for rounding. */
export function noteServerTime(date: string | null): void {
  const server = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(server)) return;
  const offset = server + 500 - Date.now();
  offsetMs = Math.abs(offset) < 2_000 ? 0 : offset;
}

/** Unix time of the service, in seconds. */
export function serverNow(): number {
  return (Date.now() + offsetMs) / 1000;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    tick = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Unix time of the service in seconds; renders again each second. */
export function useNow(): number {
  const now = useSyncExternalStore(subscribe, () => tick);
  return (now + offsetMs) / 1000;
}
