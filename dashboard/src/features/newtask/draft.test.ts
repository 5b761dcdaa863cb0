import { beforeEach, expect, test } from "vitest";
import { checkDraft, EMPTY, loadDraft, saveDraft, submissionOf } from "./draft";

const NONE = { value: {}, errors: {} };

beforeEach(() => sessionStorage.clear());

test("a draft is there again when the form is opened again, and a sentence that is asked for replaces its own", () => {
  saveDraft({ ...EMPTY, sentence: "A wiki", budget: "2" });
  expect(loadDraft("")).toMatchObject({ sentence: "A wiki", budget: "2" });
  expect(loadDraft("A shop")).toMatchObject({ sentence: "A shop", budget: "2" });
  saveDraft(null);
  expect(loadDraft("")).toEqual(EMPTY);
});

test("a draft that cannot be read is an empty one", () => {
  sessionStorage.setItem("autonomy.newtask", "{");
  expect(loadDraft("")).toEqual(EMPTY);
});

test("what was left empty is not sent, so that the service takes its defaults", () => {
  expect(submissionOf({ ...EMPTY, sentence: " A wiki " }, NONE)).toEqual({
    task_description: "A wiki",
    workflow: "build",
    use_sandbox: true,
    options: {},
  });
  const full = { ...EMPTY, sentence: "A wiki", budget: "1.5", iterations: "2", directory: "/out" };
  expect(submissionOf(full, NONE)).toMatchObject({
    budget_usd: 1.5,
    max_iterations: 2,
    output_directory: "/out",
  });
});

test("what is wrong is named by the service's words for the fields", () => {
  const draft = { ...EMPTY, sentence: "", budget: "-1", iterations: "21" };
  expect(Object.keys(checkDraft(draft, 4000, { value: {}, errors: { repo: "This is needed" } }))).toEqual([
    "task_description",
    "budget_usd",
    "max_iterations",
    "options.repo",
  ]);
  expect(checkDraft({ ...EMPTY, sentence: "x".repeat(5) }, 4, NONE)).toHaveProperty("task_description");
  expect(checkDraft({ ...EMPTY, sentence: "x" }, 4, NONE)).toEqual({});
});
