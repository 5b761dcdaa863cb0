import { expect, test } from "vitest";
import type { TaskEvent } from "@/api/types";
import { notice, upsert } from "@/testing/events";
import { targetOf } from "./target";
import { filterOf } from "./use-log";
import { webAddress, wordsOf } from "./words";

test("what happened is said in words, never by colour alone", () => {
  const check: TaskEvent = {
    type: "test",
    iteration: 0,
    result: {
      name: "pytest",
      status: "failed",
      detail: "2 files",
      tests_run: 9,
      tests_failed: 2,
      findings: [],
      seconds: 1,
    },
  };
  expect(wordsOf(check)).toMatchObject({
    title: "pytest failed",
    detail: "2 of 9 failed · 2 files",
    sign: "bad",
  });
  expect(wordsOf(upsert("waiting_for_input")).title).toBe("The task waits for you");
  expect(wordsOf(notice("recovered", "warning"))).toMatchObject({ title: "recovered", sign: "warn" });
});

test("files that were refused are said with the commit", () => {
  const event: TaskEvent = {
    type: "artifact",
    agent: "qa_agent",
    commit: "0123456789abcdef",
    paths: ["a", "b"],
    refused: { "c.py": "not yours" },
  };
  expect(wordsOf(event)).toMatchObject({
    title: "QA committed 2 files",
    detail: "01234567 · 1 file refused",
    tone: "bad",
  });
});

test("an answer says what was decided, by whom and how", () => {
  const event: TaskEvent = {
    type: "interrupt.decided",
    interrupt_id: "i",
    kind: "approval",
    action: "changes",
    message: "more tests",
    via: "telegram",
    by: "ana",
  };
  expect(wordsOf(event)).toMatchObject({
    title: "Answered: changes wanted",
    detail: "ana by telegram · more tests",
  });
});

test("only addresses of the web are addresses", () => {
  expect(webAddress("https://a.example/x")).toBe("https://a.example/x");
  for (const other of ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "no address"]) {
    expect(webAddress(other)).toBeNull();
  }
});

test("the address names an event by its number, and nothing else", () => {
  expect(targetOf("e123")).toBe(123);
  expect(targetOf("#e7")).toBe(7);
  for (const other of ["", "main", "e", "e12x", "e99999999999"]) expect(targetOf(other)).toBeNull();
});

test("errors are filtered by the page, everything else by the service", () => {
  expect(filterOf({ type: "calls" })).toMatchObject({ types: ["llm_start", "llm_end"], keep: undefined });
  expect(filterOf({ type: "errors" }).keep?.(notice("x", "error"))).toBe(true);
  expect(filterOf({ type: "errors" }).keep?.(notice("x", "info"))).toBe(false);
  expect(filterOf({})).toEqual({ agent: undefined, q: undefined, types: undefined, keep: undefined });
});

const asked = { question_id: "q", agent: "backend_agent", asked: "database_agent", iteration: 0 } as const;
const answered = {
  type: "agent.answered",
  ...asked,
  answer: "Not eagerly.",
  refused: "",
  wanted: "",
  call_ids: [],
} as const;

test("what agents ask each other, and what comes of it, is said with both names", () => {
  const question = "Is it loaded?";
  expect(wordsOf({ type: "agent.asked", ...asked, step: "build", question })).toMatchObject({
    title: "Asks Database",
    detail: question,
  });
  expect(wordsOf({ ...answered, call_ids: [] })).toMatchObject({
    title: "Database answers",
    detail: "Not eagerly.",
  });
  expect(wordsOf({ ...answered, wanted: "A title has 80.", call_ids: [] }).detail).toContain(
    "wants the contract changed: A title has 80.",
  );
  expect(wordsOf({ ...answered, asked: "", refused: "no name", call_ids: [] })).toMatchObject({
    title: "nobody was not asked",
    tone: "warn",
  });
});

test("a contract that changed says for whom, and one that did not says why", () => {
  const amended: TaskEvent = {
    type: "contract.amended",
    iteration: 0,
    wanted_by: ["backend_agent"],
    changes: ["+priority"],
    refused: "",
  };
  expect(wordsOf(amended)).toMatchObject({ title: "Contract changed for Backend", detail: "1 line" });
  expect(wordsOf({ ...amended, wanted_by: [], changes: [], refused: "No need." })).toMatchObject({
    title: "Contract unchanged, though a person wanted it",
    detail: "No need.",
  });
});
