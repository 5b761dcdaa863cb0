import { expect, test } from "vitest";
import { Problem } from "@/api/problem";
import { fieldErrors, refusal } from "./submit";

test("what the service objects to stands beside the field it names", () => {
  const errors = [{ field: "budget_usd", message: "must be above 0" }];
  expect(fieldErrors(new Problem(422, "Invalid input", "no", "", errors))).toEqual({
    budget_usd: "must be above 0",
  });
  const one = new Problem(422, "Invalid input", "options.repo: unknown", "", [], { field: "options.repo" });
  expect(fieldErrors(one)).toEqual({ "options.repo": "options.repo: unknown" });
});

test("a full queue says when to come back", () => {
  const full = new Problem(429, "Too many", "50 tasks wait", "", [], { retry_after_s: 29.4 });
  expect(refusal(full)).toBe("50 tasks wait. Try again in 30 s.");
  expect(refusal(new Problem(507, "Full", "the disk is full"))).toBe("the disk is full");
});
