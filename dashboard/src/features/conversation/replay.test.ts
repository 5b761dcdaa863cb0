import { expect, test } from "vitest";
import { notice, stored } from "@/testing/events";
import { countAt, LONGEST_WAIT, type Replay, replayed, replayTimes, START } from "./replay";

const at = (...times: number[]) => times.map((ts, index) => stored(index + 1, notice("x"), { ts }));
const playing: Replay = { at: 2, length: 10, playing: true, speed: "4" };

test("long waits are shortened, and time never runs backwards", () => {
  expect([...replayTimes(at(100, 101, 5_000, 4_999, 5_001))]).toEqual([0, 1, 1 + LONGEST_WAIT, 11, 13]);
  expect([...replayTimes([])]).toEqual([]);
});

test("what had happened by a moment is counted, with what happened at that moment", () => {
  const times = replayTimes(at(0, 1, 1, 4));
  expect([0, 0.5, 1, 3.9, 4, 99].map((each) => countAt(times, each))).toEqual([1, 1, 3, 3, 4, 4]);
});

test("time passes at the chosen speed and stops at the end", () => {
  expect(replayed(playing, { do: "tick", seconds: 0.5 })).toEqual({ ...playing, at: 4 });
  expect(replayed(playing, { do: "tick", seconds: 3 })).toEqual({ ...playing, at: 10, playing: false });
  expect(replayed({ ...playing, speed: "instant" }, { do: "tick", seconds: 0.016 })).toMatchObject({
    at: 10,
  });
});

test("while it is paused no time passes", () => {
  const paused = { ...playing, playing: false };
  expect(replayed(paused, { do: "tick", seconds: 1 })).toBe(paused);
});

test("played again from the end it begins at the beginning", () => {
  const ended = { ...playing, at: 10, playing: false };
  expect(replayed(ended, { do: "toggle" })).toMatchObject({ at: 0, playing: true });
  expect(replayed(playing, { do: "toggle" })).toMatchObject({ at: 2, playing: false });
});

test("one cannot go before the beginning or behind the end", () => {
  expect(replayed(playing, { do: "seek", at: -5 }).at).toBe(0);
  expect(replayed(playing, { do: "seek", at: 50 }).at).toBe(10);
});

test("a replay of nothing does not play", () => {
  expect(replayed(START, { do: "begin", length: 0 }).playing).toBe(false);
  expect(replayed(START, { do: "begin", length: 3 })).toMatchObject({ at: 0, length: 3, playing: true });
});
