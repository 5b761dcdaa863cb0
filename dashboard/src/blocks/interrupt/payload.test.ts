import { describe, expect, it } from "vitest";
import { EVIDENCE, MONEY } from "@/testing/questions";
import { readCheck, readEvidence, readStandstill, readTrouble } from "./payload";

describe("what a question shows", () => {
  it("is read part by part from an approval", () => {
    const evidence = readEvidence(EVIDENCE);
    expect(evidence).toMatchObject({
      title: "Blog",
      files: 49,
      covered: 8,
      promised: 9,
      leavesOut: ["payments"],
    });
    expect(evidence?.target).toEqual({ base: "main", replaces: ["README.md"], onto: null, problem: "" });
    expect(evidence?.demo).toEqual({ url: "http://127.0.0.1:46379", expiresAt: 5_000 });
  });

  it("stays readable when parts have an unexpected shape", () => {
    const evidence = readEvidence({
      head: "abc",
      checks: "none",
      target: 3,
      review: { security: "high" },
      demo: [],
    });
    expect(evidence).toMatchObject({ checks: [], target: null, review: null, demo: null, files: 0 });
  });

  it("is no evidence without a commit, and no trouble without reasons", () => {
    expect(readEvidence(MONEY)).toBeNull();
    expect(readTrouble(EVIDENCE)).toBeNull();
    expect(readStandstill(EVIDENCE)).toBeNull();
  });

  it("has the money of a budget question and what the rest may cost", () => {
    expect(readTrouble(MONEY)).toMatchObject({
      cap: 0.5,
      spent: 0.45,
      needed: 0.2,
      rest: { low: 0.1, high: 0.62 },
    });
  });

  it("has what is open, what repeats and who objects in an escalation", () => {
    const standstill = readStandstill({
      findings: [{ severity: "high", message: "N+1", file: "a.py", line: 3, owner: "backend_agent" }, "odd"],
      reason: "all rounds are used",
      loops: [{ says: "the same findings again", iterations: [1, 2] }],
      objections: [{ agent: "backend_agent", says: "the test is wrong" }],
    });
    expect(standstill?.open).toHaveLength(1);
    expect(standstill?.loops).toEqual([{ says: "the same findings again", iterations: [1, 2] }]);
    expect(standstill?.objections).toEqual([["backend_agent", "the test is wrong"]]);
  });
});

describe("a check's line", () => {
  it("is taken apart into name, outcome and reason", () => {
    expect(readCheck("vitest: not executed (no browser (yet))")).toEqual({
      name: "vitest",
      status: "not executed",
      detail: "no browser (yet)",
    });
  });

  it("never counts as passed when its wording is not known", () => {
    expect(readCheck("pytest went fine").status).toBe("not executed");
  });
});
