/** Questions for tests, with payloads as the service makes them. */

import type { Interrupt } from "@/api/types";

export const EVIDENCE: Interrupt["payload"] = {
  title: "Blog",
  summary: "Blog: keeps posts.",
  head: "2835abf72fa25e4f15dc116725d4b9df8ffc4e79",
  branch: "autonomy/blog-t1",
  target: { base: "main", commit: "c0", replaces: { "README.md": "b1" } },
  demo: { url: "http://127.0.0.1:46379", expires_at: 5_000 },
  files: 49,
  additions: 1200,
  agents: { planner: "done, 3 files" },
  checks: ["imports: passed", "pytest: passed", "vitest: not executed (no browser here)"],
  operations_covered: 8,
  operations_promised: 9,
  review: { security: 9, performance: 8.5, quality: 10 },
  review_findings: [
    { check: "review", severity: "low", file: "a.py", line: 3, owner: null, message: "<b>long</b>" },
  ],
  covered: ["posts"],
  not_covered: ["payments"],
  calls: 8,
  cost_usd: 0.12,
  cap_usd: 0.5,
  iteration: 0,
};

export const MONEY: Interrupt["payload"] = {
  actions: ["raise_budget", "abort"],
  agents: ["planner"],
  reasons: { planner: "the next call may cost up to $0.2" },
  account: "t1",
  scope: "task",
  cap_usd: 0.5,
  spent_usd: 0.45,
  reserved_usd: 0,
  needed_usd: 0.2,
  kept_usd: 0.02,
  opens_at: null,
  rest: { usd: { low: 0.1, expected: 0.3, high: 0.62 }, basis: "as 6 tasks" },
};

export function question(part: Partial<Interrupt> = {}): Interrupt {
  return {
    interrupt_id: "q1",
    task_id: "t1",
    kind: "approval",
    prompt: "Blog is ready: 2 checks passed. Publish it as branch autonomy/blog-t1?",
    payload: EVIDENCE,
    digest: "d1",
    created_at: 1_000,
    status: "pending",
    decision: null,
    decided_at: null,
    decided_via: null,
    decided_by: "",
    reminders: 0,
    needed: 1,
    votes: [],
    ...part,
  };
}
