import { describe, expect, it } from "vitest";
import type { TaskEvent } from "@/api/types";
import { stored, upsert } from "@/testing/events";
import { outcome } from "./call-words";
import { asQuery, filtersOf, fromField, isFiltered, mayShow, toField } from "./filters";
import { stepped } from "./use-row-keys";

const END: TaskEvent = {
  type: "llm_end",
  agent: "planner",
  model: "m",
  prompt_name: "planner/plan",
  call_id: "c1",
  usage: { input_tokens: 1, output_tokens: 1, cache_read_tokens: 0, cache_write_tokens: 0 },
  cost_usd: 0,
  seconds: 1,
  success: true,
  error: "",
};

describe("a call that has just ended", () => {
  const event = stored(1, END, { task_id: "t1", ts: 1_000 });

  it("is new to a list without filters", () => {
    expect(mayShow(event, {})).toBe(true);
  });

  it("is new only where every filter lets it through", () => {
    expect(mayShow(event, { agent: "planner", model: "m", success: true, task_id: "t1", since: 900 })).toBe(
      true,
    );
    expect(mayShow(event, { agent: "qa_agent" })).toBe(false);
    expect(mayShow(event, { model: "other" })).toBe(false);
    expect(mayShow(event, { success: false })).toBe(false);
    expect(mayShow(event, { task_id: "t2" })).toBe(false);
    expect(mayShow(event, { since: 1_001 })).toBe(false);
    expect(mayShow(event, { until: 999 })).toBe(false);
  });

  it("may be what was searched for: the event does not say", () => {
    expect(mayShow(event, { q: "words" })).toBe(true);
  });

  it("is not any other event", () => {
    expect(mayShow(stored(2, upsert("running")), {})).toBe(false);
  });
});

describe("filters", () => {
  it("are the same whether a call is open or not", () => {
    expect(filtersOf({ agent: "planner", q: undefined, call: "c1" })).toEqual({ agent: "planner" });
    expect(isFiltered(filtersOf({ call: "c1" }))).toBe(false);
  });

  it("are exported as they are shown, failures too", () => {
    expect(asQuery({ success: false, since: 0, agent: "qa_agent" })).toEqual({
      success: "false",
      since: "0",
      agent: "qa_agent",
    });
  });

  it("keep a moment to the minute through its field", () => {
    const minute = 1_795_768_440;
    expect(fromField(toField(minute))).toBe(minute);
  });

  it("take an empty or broken field for no bound", () => {
    expect(toField(undefined)).toBe("");
    expect(fromField("")).toBeUndefined();
    expect(fromField("tomorrow")).toBeUndefined();
  });
});

describe("keys in the list", () => {
  it("go down and up and stop at both ends", () => {
    expect(stepped(-1, "j", 3)).toBe(0);
    expect(stepped(2, "j", 3)).toBe(2);
    expect(stepped(0, "k", 3)).toBe(0);
    expect(stepped(1, "ArrowUp", 3)).toBe(0);
  });

  it("go nowhere in an empty list or by another key", () => {
    expect(stepped(-1, "j", 0)).toBeNull();
    expect(stepped(1, "x", 3)).toBeNull();
  });
});

describe("how a call ended", () => {
  it("is told apart when its answer was cut off", () => {
    expect(outcome({ success: true, finish_reason: "length" }).word).toBe("Cut off");
    expect(outcome({ success: true, finish_reason: "stop" }).word).toBe("OK");
  });

  it("is a failure whatever the reason for the end", () => {
    expect(outcome({ success: false, finish_reason: "stop" })).toEqual({ word: "Failed", tone: "bad" });
  });
});
