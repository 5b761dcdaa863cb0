import { describe, expect, it } from "vitest";
import { agentTitle, rate } from "./format";

describe("a rate", () => {
  it("is 100 % only where it is all", () => {
    expect(rate(999, 1000)).toBe("99 %");
    expect(rate(1000, 1000)).toBe("100 %");
  });

  it("is 0 % only where it is none", () => {
    expect(rate(1, 1000)).toBe("< 1 %");
    expect(rate(0, 1000)).toBe("0 %");
  });

  it("is a dash where there is nothing to divide by", () => {
    expect(rate(0, 0)).toBe("–");
  });
});

describe("an agent's name", () => {
  it("is as people write it", () => {
    expect(["qa_agent", "devops_agent", "code_reviewer"].map(agentTitle)).toEqual([
      "QA",
      "DevOps",
      "Code reviewer",
    ]);
  });
});
