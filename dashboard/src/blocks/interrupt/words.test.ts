import { describe, expect, it } from "vitest";
import { Problem } from "@/api/problem";
import { question } from "@/testing/questions";
import { allowedActions, bywhom, decidedWords, refusedWords, splitPrompt } from "./words";

describe("the words of a question", () => {
  it("offer what the question names, else what its kind has", () => {
    expect(allowedActions(question({ payload: { actions: ["abort", "retry"] } }))).toEqual([
      "retry",
      "abort",
    ]);
    expect(allowedActions(question({ kind: "budget", payload: {} }))).toEqual(["raise_budget", "abort"]);
  });

  it("begin with its first clause, and amounts are no end of it", () => {
    expect(splitPrompt("Blog is ready: 3 checks passed. Publish it?")).toEqual([
      "Blog is ready",
      "3 checks passed. Publish it?",
    ]);
    expect(splitPrompt("The budget of $0.50 is reached: $0.4 spent.")[0]).toBe(
      "The budget of $0.50 is reached",
    );
    expect(splitPrompt("Publish it? It replaces a file.")[0]).toBe("Publish it?");
    expect(splitPrompt("no end")).toEqual(["no end", ""]);
  });

  it("name the new cap, the person and the channel", () => {
    expect(decidedWords({ action: "raise_budget", budget_usd: 0.75 })).toBe("Budget raised to $0.75");
    expect(bywhom("telegram", "ada")).toBe("ada via Telegram");
    expect(bywhom("deadline", "")).toContain("nobody answered");
    expect(bywhom(null, "")).toBe("somebody");
  });

  it("say who was first when an answer comes too late", () => {
    const late = new Problem(409, "Conflict", "already answered", "", [], {
      winner: { via: "telegram", by: "ada", decided_at: 5, action: "approve" },
    });
    expect(refusedWords(late)).toBe(
      "Answered already: Approved by ada via Telegram. Your answer was not taken.",
    );
    expect(refusedWords(new Problem(409, "Conflict", "this question is closed"))).toBe(
      "this question is closed",
    );
  });
});
