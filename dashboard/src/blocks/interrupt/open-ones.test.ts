import { describe, expect, it } from "vitest";
import { follow, NONE_SEEN, nextOf, toggled } from "./open-ones";

describe("which questions of a list are open", () => {
  it("is the first one when the list comes", () => {
    expect([...follow(NONE_SEEN, ["a", "b"]).open]).toEqual(["a"]);
  });

  it("stays as it is when questions come before or behind the open one", () => {
    const state = follow(NONE_SEEN, ["b"]);
    expect([...follow(state, ["a", "b", "c"]).open]).toEqual(["b"]);
  });

  it("is the one in its place when the open one is gone, or the last", () => {
    const state = toggled(toggled(follow(NONE_SEEN, ["a", "b", "c"]), "a"), "b");
    expect([...follow(state, ["a", "c"]).open]).toEqual(["c"]);
    expect([...follow({ ...state, open: new Set(["c"]) }, ["a", "b"]).open]).toEqual(["b"]);
  });

  it("stays none when a person has closed all", () => {
    const state = toggled(follow(NONE_SEEN, ["a", "b"]), "a");
    expect(follow(state, ["b"]).open.size).toBe(0);
  });

  it("keeps the others when one of several is gone", () => {
    const state = toggled(follow(NONE_SEEN, ["a", "b", "c"]), "c");
    expect([...follow(state, ["b", "c"]).open]).toEqual(["c"]);
  });

  it("comes to itself: the same list changes nothing", () => {
    const state = follow(NONE_SEEN, ["a"]);
    expect(follow(state, ["a"])).toBe(state);
  });

  it("goes from one to the next and round the end", () => {
    expect(nextOf(["a", "b"], null)).toBe("a");
    expect(nextOf(["a", "b"], "b")).toBe("a");
    expect(nextOf([], null)).toBeNull();
  });
});
