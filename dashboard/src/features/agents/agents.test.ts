import { describe, expect, it } from "vitest";
import type { VersionView } from "@/api/types";
import { task } from "@/testing/events";
import { sectionTitle } from "./compare";
import { intervalWords } from "./interval";
import { reflected } from "./memory";
import { said } from "./use-change";
import { pair } from "./version-pair";
import { atWork } from "./work";

function kept(...versions: number[]): VersionView[] {
  const newest = Math.max(...versions);
  return versions.map((version) => ({
    version,
    saved_at: 0,
    why: "",
    by: "",
    rules: 0,
    current: version === newest,
  }));
}

describe("two versions to compare", () => {
  it("are the newest and the one before it when none was wished for", () => {
    expect(pair(kept(7, 6, 5))).toEqual({ base: 6, version: 7 });
  });

  it("are a version and the kept one before it, across a gap", () => {
    expect(pair(kept(9, 5, 3), 5)).toEqual({ base: 3, version: 5 });
  });

  it("are those that were wished for, in either order", () => {
    expect(pair(kept(7, 6, 5), 5, 7)).toEqual({ base: 7, version: 5 });
  });

  it("leave out what is no longer kept", () => {
    expect(pair(kept(7, 6, 5), 2, 1)).toEqual({ base: 6, version: 7 });
  });

  it("are none while there is one version", () => {
    expect(pair(kept(1))).toBeNull();
  });
});

describe("the rate of a rule in words", () => {
  it("has its interval in brackets", () => {
    expect(intervalWords({ use_count: 24, success_count: 22, low: 0.742, high: 0.977 })).toBe(
      "92 % (74–98 %)",
    );
  });

  it("is none where the rule was never told", () => {
    expect(intervalWords({ use_count: 0, success_count: 0, low: null, high: null })).toBe("Not told yet");
  });

  it("is not all while one task went badly", () => {
    expect(intervalWords({ use_count: 1000, success_count: 999, low: null, high: null })).toBe("99 %");
  });
});

describe("what an agent is doing", () => {
  it("is each running task that has it as its agent now", () => {
    const tasks = [
      task({ task_id: "a", current_agent: "planner" }),
      task({ task_id: "b", current_agent: "qa_agent" }),
      task({ task_id: "c", current_agent: "planner", status: "waiting_for_input" }),
    ];
    expect(atWork("planner", tasks).map((each) => each.task_id)).toEqual(["a"]);
  });
});

describe("words of changes", () => {
  it("say what was done to the rule", () => {
    expect(said({ ruleId: "r", version: 1, pinned: true })).toBe("The rule is pinned");
    expect(said({ ruleId: "r", version: 1, pinned: false })).toBe("The rule is no longer pinned");
    expect(said({ ruleId: "r", version: 1, disabled: true })).toBe("The rule is disabled");
    expect(said({ ruleId: "r", version: 1, disabled: false })).toBe("The rule is told again");
  });

  it("name sections as people do", () => {
    expect(sectionTitle("learned_rules")).toBe("Learned rules");
  });

  it("claim reflection only where there was some", () => {
    expect(reflected([{ kind: "rollback" }, { kind: "rule_changed" }])).toBe(false);
    expect(reflected([{ kind: "rollback" }, { kind: "reflection" }])).toBe(true);
  });
});
