import { expect, test } from "vitest";
import { neighbour } from "./neighbours";

const LIST = [{ task_id: "c" }, { task_id: "b" }, { task_id: "a" }];

test("the next task is the row below, and there is none behind the last", () => {
  expect(neighbour(LIST, "c", 1)).toBe("b");
  expect(neighbour(LIST, "a", 1)).toBeNull();
  expect(neighbour(LIST, "c", -1)).toBeNull();
});

test("a task that is not in the list goes on with its first", () => {
  expect(neighbour(LIST, "zzz", 1)).toBe("c");
  expect(neighbour([], "zzz", 1)).toBeNull();
});
