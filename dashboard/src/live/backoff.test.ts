import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Backoff, delayMs, FIRST_MS, MOST_MS } from "./backoff";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function state(wait: Promise<void>): Promise<"waiting" | "over"> {
  let now: "waiting" | "over" = "waiting";
  void wait.then(() => {
    now = "over";
  });
  await vi.advanceTimersByTimeAsync(0);
  return now;
}

test("a wait is never shorter than a second and never longer than fifteen", () => {
  for (let tries = 0; tries < 60; tries++) {
    for (const random of [0, 0.5, 0.999999]) {
      const ms = delayMs(tries, () => random);
      expect(ms).toBeGreaterThanOrEqual(FIRST_MS);
      expect(ms).toBeLessThanOrEqual(MOST_MS);
    }
  }
});

test("the longest wait doubles with each failure until it is fifteen seconds", () => {
  expect([1, 2, 3, 4, 5, 9].map((tries) => Math.round(delayMs(tries, () => 1)))).toEqual([
    1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
  ]);
});

test("a wait ends when its time has passed", async () => {
  const wait = new Backoff(() => 1).wait(2, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(1_990);
  expect(await state(wait)).toBe("waiting");
  await vi.advanceTimersByTimeAsync(20);
  expect(await state(wait)).toBe("over");
});

test("a person who will not wait ends the wait", async () => {
  const backoff = new Backoff(() => 1);
  const wait = backoff.wait(5, new AbortController().signal);
  backoff.skip();
  await expect(wait).resolves.toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});

test("a skip between two waits leaves out the next one, and only that", async () => {
  const backoff = new Backoff(() => 1);
  const { signal } = new AbortController();
  backoff.skip();
  await expect(backoff.wait(5, signal)).resolves.toBeUndefined();
  expect(await state(backoff.wait(5, signal))).toBe("waiting");
});

test("an end that is called ends the wait, also one without a time of its own", async () => {
  const ended = new AbortController();
  const wait = new Backoff().skipped(ended.signal);
  expect(await state(wait)).toBe("waiting");
  ended.abort();
  await expect(wait).resolves.toBeUndefined();
  await expect(new Backoff().skipped(ended.signal)).resolves.toBeUndefined();
});
