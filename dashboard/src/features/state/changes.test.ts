import { expect, test } from "vitest";
import type { CheckpointView } from "@/api/types";
import { changesOf, lineDiff } from "./changes";

function checkpoint(id: string, changed: CheckpointView["changed"]): CheckpointView {
  return {
    checkpoint_id: id,
    number: 0,
    created_at: 0,
    wrote: [],
    next: [],
    iteration: 0,
    head: null,
    files_changed: [],
    changed,
    spent_after_usd: 0,
  };
}

test("a changed key stands beside its value in the last checkpoint that had one", () => {
  const changes = changesOf([
    checkpoint("a", { step: "plan", rounds: 0 }),
    checkpoint("b", { rounds: 1 }),
    checkpoint("c", { step: "build" }),
  ]);
  expect(changes.get("a")).toEqual([
    { key: "step", before: null, after: "plan" },
    { key: "rounds", before: null, after: "0" },
  ]);
  expect(changes.get("c")).toEqual([{ key: "step", before: "plan", after: "build" }]);
});

test("only the lines that differ are marked, with two around them", () => {
  const before = ["a", "b", "c", "d", "e", "f", "g"].join("\n");
  const after = ["a", "b", "c", "D", "e", "f", "g"].join("\n");
  expect(lineDiff(before, after).map(({ mark, text }) => mark + text)).toEqual([
    " b",
    " c",
    "-d",
    "+D",
    " e",
    " f",
  ]);
});

test("a new value is all new, and repeated lines do not confuse the ends", () => {
  expect(lineDiff(null, "x\ny").map(({ mark }) => mark)).toEqual(["+", "+"]);
  expect(lineDiff("a\na", "a\na\na").map(({ mark, text }) => mark + text)).toEqual([" a", " a", "+a"]);
  expect(lineDiff("a", "a").filter(({ mark }) => mark !== " ")).toEqual([]);
});
