/** Showing a finished task again: where in its time one is, and how many of its events had happened by then. */

import type { StoredEvent } from "@/api/types";

/** Waits longer than this are shown as long as this. */
export const LONGEST_WAIT = 10;

export const SPEEDS = ["1", "4", "16", "instant"] as const;
export type Speed = (typeof SPEEDS)[number];

export interface Replay {
  /** Seconds from the beginning, long waits shortened. */
  at: number;
  length: number;
  playing: boolean;
  speed: Speed;
}

export type ReplayAct =
  | { do: "begin"; length: number }
  | { do: "tick"; seconds: number }
  | { do: "seek"; at: number }
  | { do: "toggle" }
  | { do: "speed"; speed: Speed };

export const START: Replay = { at: 0, length: 0, playing: false, speed: "4" };

export function replayed(state: Replay, act: ReplayAct): Replay {
  switch (act.do) {
    case "begin":
      return { ...state, at: 0, length: act.length, playing: act.length > 0 };
    case "tick":
      if (!state.playing || act.seconds <= 0) return state;
      return arrived(state, state.at + act.seconds * pace(state.speed));
    case "seek":
      return { ...state, at: Math.min(state.length, Math.max(0, act.at)) };
    case "toggle":
      // Played again from the end it begins at the beginning.
      return state.playing
        ? { ...state, playing: false }
        : { ...state, playing: true, at: state.at >= state.length ? 0 : state.at };
    case "speed":
      return { ...state, speed: act.speed };
  }
}

function pace(speed: Speed): number {
  return speed === "instant" ? Number.POSITIVE_INFINITY : Number(speed);
}

function arrived(state: Replay, at: number): Replay {
  return at >= state.length ? { ...state, at: state.length, playing: false } : { ...state, at };
}

/** When each event happens in the replay, in seconds from the first. */
export function replayTimes(events: readonly StoredEvent[]): Float64Array {
  const times = new Float64Array(events.length);
  for (let index = 1; index < events.length; index++) {
    const passed = (events[index]?.ts ?? 0) - (events[index - 1]?.ts ?? 0);
    times[index] = (times[index - 1] ?? 0) + Math.min(LONGEST_WAIT, Math.max(0, passed));
  }
  return times;
}

/** How many events had happened by then; the first one always has. */
export function countAt(times: Float64Array, at: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
