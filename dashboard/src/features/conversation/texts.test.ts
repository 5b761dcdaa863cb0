import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CallView } from "@/api/types";
import { CallTexts } from "./texts";

function view(number: number): CallView {
  return {
    call_id: `c${number}`,
    ts: number,
    agent: "planner",
    iteration: 0,
    model: "m",
    prompt_name: "planner/plan",
    prompt: "p",
    prompt_chars: 1,
    answer: `answer ${number}`,
    answer_chars: 8,
    cut: false,
    usage: { input_tokens: 1, output_tokens: 1, cache_read_tokens: 0, cache_write_tokens: 0 },
    cost_usd: 0,
    seconds: 1,
    success: true,
    error: "",
  };
}

/** Calls 1 to `newest`, ten a page. */
function service(state: { newest: number }) {
  return vi.fn(async (before?: string) => {
    const from = before === undefined ? state.newest : Number(before) - 1;
    const items = Array.from({ length: Math.min(10, from) }, (_, index) => view(from - index));
    const last = items.at(-1)?.ts ?? 1;
    return { items, next: last > 1 ? String(last) : null };
  });
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("calls that are wanted together are one fetch", async () => {
  const fetch = service({ newest: 10 });
  const texts = new CallTexts("t1", fetch);
  for (const id of ["c10", "c9", "c3"]) texts.want(id);
  expect(texts.get("c9")).toBeUndefined();
  await vi.advanceTimersByTimeAsync(50);
  expect(texts.get("c9")?.answer).toBe("answer 9");
  expect(fetch).toHaveBeenCalledTimes(1);
});

test("an old call is looked for page by page, and no page is read twice for it", async () => {
  const fetch = service({ newest: 40 });
  const texts = new CallTexts("t1", fetch);
  texts.want("c25");
  await vi.advanceTimersByTimeAsync(50);
  expect(texts.get("c25")?.ts).toBe(25);
  expect(fetch).toHaveBeenCalledTimes(2);
  texts.want("c2");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(texts.get("c2")?.ts).toBe(2);
  expect(fetch.mock.calls.filter(([before]) => before === "31")).toHaveLength(1);
});

test("new calls are found in front of those that are known, without a gap", async () => {
  const state = { newest: 10 };
  const texts = new CallTexts("t1", service(state));
  texts.want("c10");
  await vi.advanceTimersByTimeAsync(1_000);
  state.newest = 45;
  texts.want("c45");
  await vi.advanceTimersByTimeAsync(1_000);
  expect([11, 20, 33, 45].map((each) => texts.get(`c${each}`)?.ts)).toEqual([11, 20, 33, 45]);
});

test("a call that is nowhere is given up after a few tries", async () => {
  const fetch = service({ newest: 3 });
  const texts = new CallTexts("t1", fetch);
  texts.want("gone");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(texts.get("gone")).toBeNull();
  const asked = fetch.mock.calls.length;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(fetch).toHaveBeenCalledTimes(asked);
});

test("a call that has left the screen is looked for no more", async () => {
  const fetch = service({ newest: 3 });
  const texts = new CallTexts("t1", fetch);
  texts.want("c1")();
  await vi.advanceTimersByTimeAsync(100);
  expect(fetch).not.toHaveBeenCalled();
});

test("a fetch that fails is made again", async () => {
  const fetch = service({ newest: 3 });
  fetch.mockRejectedValueOnce(new Error("down"));
  const texts = new CallTexts("t1", fetch);
  texts.want("c1");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(texts.get("c1")?.ts).toBe(1);
});
