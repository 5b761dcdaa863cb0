import { describe, expect, it } from "vitest";
import type { SeriesRow } from "@/api/types";
import { accuracyWords, dayBounds, dayName, points, rowName, sentence, taskTotals, totals } from "./derive";

const NO_TOKENS = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };

function row(part: Partial<SeriesRow>): SeriesRow {
  return {
    key: "2026-11-27",
    calls: 0,
    failures: 0,
    usage: NO_TOKENS,
    cost_usd: 0,
    call_seconds: null,
    ...part,
  };
}

describe("sums", () => {
  it("add up calls, tokens and cost", () => {
    const rows = [
      row({
        calls: 3,
        failures: 1,
        cost_usd: 0.5,
        usage: { ...NO_TOKENS, input_tokens: 10, output_tokens: 4 },
      }),
      row({ calls: 2, usage: { ...NO_TOKENS, input_tokens: 5, cache_read_tokens: 3 } }),
    ];
    expect(totals(rows)).toEqual({ calls: 5, failures: 1, input: 15, output: 4, cached: 3, cost: 0.5 });
  });

  it("add up how tasks ended", () => {
    const day = { cost_usd: 0, seconds: null };
    expect(
      taskTotals([
        { day: "a", completed: 2, failed: 1, cancelled: 0, ...day },
        { day: "b", completed: 1, failed: 0, cancelled: 4, ...day },
      ]),
    ).toEqual({ completed: 3, failed: 1, cancelled: 4 });
  });
});

describe("rows", () => {
  it("are named by day, agent or model", () => {
    expect(rowName("2026-11-07", "day")).toBe("7 Nov");
    expect(rowName("qa_agent", "agent")).toBe("QA");
    expect(rowName("ollama/x", "model")).toBe("ollama/x");
  });

  it("keep a day that cannot be read as it is", () => {
    expect(dayName("yesterday")).toBe("yesterday");
  });

  it("leave a gap in latency where nothing was called", () => {
    expect(
      points([row({}), row({ calls: 1, call_seconds: 2 })], "day").map(({ seconds }) => seconds),
    ).toEqual([null, 2]);
  });

  it("lead to the calls of their day in UTC", () => {
    expect(dayBounds("1970-01-02")).toEqual({ since: 86_400, until: 172_799 });
  });
});

describe("a chart in a sentence", () => {
  const say = (value: number) => `$${value}`;

  it("names the sum and the largest part", () => {
    const text = sentence(
      "Cost",
      [
        { name: "a", value: 1 },
        { name: "b", value: 3 },
      ],
      say,
    );
    expect(text).toBe("Cost: $4 in all, most of it $3 (b). The table has every figure.");
  });

  it("says none where everything was free", () => {
    expect(sentence("Cost", [{ name: "a", value: 0 }], say)).toBe("Cost: none");
  });
});

describe("the record of forecasts", () => {
  it("says by how much the one in the middle was off, and how many were within the range", () => {
    expect(accuracyWords({ tasks: 12, median_ratio: 1.2, inside: 0.75 })).toBe(
      "Of 12 completed tasks the one in the middle took 20 % more than was expected. 75 % of them stayed within the range that was told.",
    );
    expect(accuracyWords({ tasks: 1, median_ratio: 0.9, inside: null })).toBe(
      "Of 1 completed task the one in the middle took 10 % less than was expected.",
    );
  });

  it("says nothing where there was no forecast", () => {
    expect(accuracyWords({ tasks: 0, median_ratio: null, inside: null })).toBeNull();
  });
});
