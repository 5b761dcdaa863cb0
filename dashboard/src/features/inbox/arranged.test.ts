import { describe, expect, it } from "vitest";
import { question } from "@/testing/questions";
import { arranged, countByKind } from "./arranged";

const asked = [
  question({ interrupt_id: "b", created_at: 20, kind: "budget" }),
  question({ interrupt_id: "a", created_at: 10 }),
  question({ interrupt_id: "c", created_at: 5, decided_at: 30 }),
];
const ids = (found: typeof asked) => found.map((each) => each.interrupt_id);

describe("the inbox", () => {
  it("goes by age, and by when it was where questions are decided", () => {
    expect(ids(arranged(asked, undefined, "oldest") as typeof asked)).toEqual(["a", "b", "c"]);
    expect(ids(arranged(asked, undefined, "newest") as typeof asked)).toEqual(["c", "b", "a"]);
  });

  it("shows one kind when that is asked for, and leaves the answer as it was", () => {
    expect(ids(arranged(asked, "budget", "oldest") as typeof asked)).toEqual(["b"]);
    expect(ids(asked)).toEqual(["b", "a", "c"]);
  });

  it("counts each kind", () => {
    expect(countByKind(asked)).toEqual({ approval: 2, budget: 1 });
  });
});
