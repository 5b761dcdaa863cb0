import { expect, it } from "vitest";
import { firstFile, lineOf, matching, neighbour, otherLayout, previousVersion, totals } from "./selection";
import type { TreeFile } from "./tree";

function file(path: string, status: TreeFile["status"] = "unchanged"): TreeFile {
  return {
    path,
    status,
    additions: status === "unchanged" ? 0 : 2,
    deletions: status === "modified" ? 1 : 0,
  };
}

const FILES = [file("a/one.py"), file("a/two.py", "modified"), file("README.md", "added")];
const VERSIONS = ["aaa", "bbb"].map((commit, iteration) => ({ commit, iteration, ts: 0, title: "" }));

it("filters files by any part of their path, and to those that changed", () => {
  expect(matching(FILES, "A/T", false).map((each) => each.path)).toEqual(["a/two.py"]);
  expect(matching(FILES, "", true)).toHaveLength(2);
});

it("shows the first changed file while comparing, and else the README", () => {
  expect(firstFile(FILES, true)).toBe("a/two.py");
  expect(firstFile(FILES, false)).toBe("README.md");
  expect(firstFile([], false)).toBeUndefined();
});

it("steps to the next file and stays at the ends", () => {
  expect(neighbour(FILES, "a/one.py", 1)).toBe("a/two.py");
  expect(neighbour(FILES, "README.md", 1)).toBe("README.md");
  expect(neighbour(FILES, "gone", 1)).toBe("a/one.py");
});

it("switches between split and unified, coming to split from text", () => {
  expect([otherLayout("split"), otherLayout("unified"), otherLayout("text")]).toEqual([
    "unified",
    "split",
    "split",
  ]);
});

it("counts files by what happened to them, and lines", () => {
  expect(totals(FILES)).toEqual({ added: 1, modified: 1, deleted: 0, additions: 4, deletions: 1 });
});

it("knows the version before the one that is shown", () => {
  expect(previousVersion(VERSIONS, undefined)).toBe("aaa");
  expect(previousVersion(VERSIONS, "bbb")).toBe("aaa");
  expect(previousVersion(VERSIONS, "aaa")).toBeUndefined();
  expect(previousVersion(VERSIONS.slice(0, 1), undefined)).toBeUndefined();
});

it("reads the line from the address and nothing from other hashes", () => {
  expect(lineOf("L42")).toBe(42);
  expect(lineOf("#L7")).toBe(7);
  expect(lineOf("e12")).toBeNull();
});
