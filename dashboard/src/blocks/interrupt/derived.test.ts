import { describe, expect, it } from "vitest";
import { EVIDENCE, question } from "@/testing/questions";
import { grouped, tally } from "./checks";
import { runningDemo } from "./demo";
import { type Evidence, readCheck, readEvidence } from "./payload";
import { differences, lastAnswer } from "./since";
import { failedEachTime } from "./trouble";
import { repository } from "./what-happens";

const evidence = readEvidence(EVIDENCE) as Evidence;
const answered = (part: Parameters<typeof question>[0]) =>
  question({ status: "decided", decision: { action: "changes", message: "" }, created_at: 500, ...part });

describe("checks", () => {
  it("are tallied with failures first, and none is said to be none", () => {
    expect(tally(["a: passed", "b: failed"].map(readCheck))).toBe("1 failed, 1 passed");
    expect(tally([])).toBe("no check was run");
  });

  it("that ended alike for one reason are one line", () => {
    const lines = ["a: not executed (off)", "b: failed", "c: not executed (off)"].map(readCheck);
    expect(grouped(lines)).toEqual([
      { status: "failed", detail: "", names: ["b"] },
      { status: "not executed", detail: "off", names: ["a", "c"] },
    ]);
  });

  it("that failed are named round by round", () => {
    const round = (iteration: number, ...lines: string[]) => ({
      iteration,
      passed: false,
      seconds: 1,
      tests_run: 1,
      tests_failed: 1,
      flaky: [],
      checks: lines.map(readCheck).map(({ name, status, detail }) => ({
        name,
        status,
        detail,
        findings: [],
        seconds: 1,
        tests_run: 0,
        tests_failed: 0,
        failures: [],
      })),
    });
    const tests = { iterations: [round(0, "a: failed", "b: failed"), round(1, "a: passed")] };
    expect(failedEachTime(tests)).toEqual([[0, "a, b"]]);
  });
});

describe("the last answer to a task", () => {
  it("is the newest before the question, of the same task, to a question with work in it", () => {
    const answers = [
      answered({ interrupt_id: "old", created_at: 100 }),
      answered({ interrupt_id: "last" }),
      answered({ interrupt_id: "other", task_id: "t2" }),
      answered({ interrupt_id: "money", created_at: 800, payload: {} }),
      answered({ interrupt_id: "later", created_at: 2_000 }),
    ];
    expect(lastAnswer(answers, question())?.interrupt_id).toBe("last");
    expect(lastAnswer([], question())).toBeNull();
  });

  it("is followed by what is different now", () => {
    const after = { ...evidence, files: 51, checks: [readCheck("imports: passed")] };
    expect(differences(evidence, after)).toEqual([
      "49 to 51 files",
      "checks: 2 passed, 1 not executed, now 1 passed",
    ]);
    expect(differences(evidence, evidence)).toEqual([]);
  });
});

describe("the demo", () => {
  const shown = evidence.demo;

  it("is what was shown until the task is known, and while it still runs", () => {
    expect(runningDemo(shown, undefined)).toBe(shown);
    expect(runningDemo(shown, { demo_url: shown?.url ?? null })).toBe(shown);
  });

  it("has ended, or runs elsewhere, when the task says so", () => {
    expect(runningDemo(shown, { demo_url: null })).toBeNull();
    expect(runningDemo(shown, { demo_url: "http://127.0.0.1:1" })).toEqual({
      url: "http://127.0.0.1:1",
      expiresAt: null,
    });
  });
});

describe("where work goes", () => {
  const github = { code_host: "auto", github_token: "[redacted]", github_repo: "ada/blog" };

  it("is the host that is set up, as the service chooses it", () => {
    expect(repository(github)).toBe("ada/blog on GitHub");
    expect(repository({ ...github, code_host: "gitlab", gitlab_project: "g/p" })).toBe("g/p on GitLab");
  });

  it("is the local repository where no host is set up, or it is named", () => {
    expect(repository({ ...github, github_token: null })).toBeNull();
    expect(repository({ ...github, code_host: "local" })).toBeNull();
    expect(repository(null)).toBeNull();
  });
});
