import { expect, test } from "vitest";
import { stepped } from "./step";

test("the first step down goes to the first row, and no step leaves the list", () => {
  expect(stepped(-1, "ArrowDown", 3)).toBe(0);
  expect(stepped(2, "ArrowDown", 3)).toBe(2);
  expect(stepped(0, "ArrowUp", 3)).toBe(0);
  expect(stepped(0, "End", 3)).toBe(2);
});

test("other keys, and an empty list, are no step", () => {
  expect(stepped(1, "x", 3)).toBeNull();
  expect(stepped(-1, "ArrowDown", 0)).toBeNull();
});
