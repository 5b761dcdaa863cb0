import { expect, test } from "vitest";
import { nodeNames } from "./checkpoint";
import { effectTitle } from "./effects";
import { checkFork, requestOf } from "./fork-request";

const EMPTY = { feedback: "", budget: "", iterations: "", onto: false };

test("what is left empty is taken over from the task", () => {
  expect(requestOf({ ...EMPTY, feedback: " shorter " }, "id")).toEqual({
    checkpoint_id: "id",
    feedback: "shorter",
    budget_usd: null,
    max_iterations: null,
    continue_request: false,
  });
});

test("amounts that the service would refuse are named before they are sent", () => {
  expect(checkFork({ ...EMPTY, budget: "0", iterations: "1.5" })).toEqual({
    budget_usd: "An amount above 0",
    max_iterations: "A whole number from 1 to 20",
  });
  expect(checkFork({ ...EMPTY, budget: "0.5", iterations: "2" })).toEqual({});
  expect(checkFork({ ...EMPTY, feedback: "x".repeat(4001) })).toHaveProperty("feedback");
});

test("nodes and effects read as words", () => {
  expect(nodeNames(["backend_agent", "qa_agent"])).toBe("Backend, QA");
  expect(nodeNames(["a", "b", "c", "d", "e"])).toBe("A, B, C and 2 more");
  expect(effectTitle("commit:35cb")).toBe("Commit");
  expect(effectTitle("new_thing:1")).toBe("New thing");
});
