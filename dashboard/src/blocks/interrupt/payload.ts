/** What a question shows, read with care from its payload: what is not understood is left for the raw view. */

import type { Interrupt } from "@/api/types";

export type Payload = Interrupt["payload"];
type Json = Payload[string];

export interface Check {
  name: string;
  status: "passed" | "failed" | "not executed";
  detail: string;
}

export interface ShownFinding {
  check: string;
  severity: string;
  file: string | null;
  line: number | null;
  owner: string | null;
  message: string;
}

export interface Target {
  base: string;
  replaces: string[];
  /** The commit of an earlier publication that this one is put onto. */
  onto: string | null;
  problem: string;
}

export interface Scores {
  security: number;
  performance: number;
  quality: number;
}

/** The work as it would leave, with what speaks for it. */
export interface Evidence {
  title: string;
  summary: string;
  head: string;
  branch: string;
  target: Target | null;
  demo: { url: string; expiresAt: number | null } | null;
  demoProblem: string;
  files: number;
  additions: number;
  checks: Check[];
  covered: number;
  promised: number;
  review: Scores | null;
  findings: ShownFinding[];
  does: string[];
  leavesOut: string[];
  agents: [agent: string, said: string][];
  calls: number;
  cost: number;
  cap: number | null;
  iteration: number;
}

/** What stops a task: money, or agents that cannot go on. */
export interface Trouble {
  reasons: [agent: string, reason: string][];
  cap: number | null;
  spent: number;
  reserved: number;
  needed: number;
  kept: number;
  scope: string;
  account: string;
  opensAt: number | null;
  rest: { low: number; high: number; basis: string } | null;
}

/** What an escalation adds to the evidence: what is open, and what repeats. */
export interface Standstill {
  reason: string;
  open: ShownFinding[];
  objections: [agent: string, says: string][];
  loops: { says: string; iterations: number[] }[];
}

export const text = (raw: Json | undefined): string => (typeof raw === "string" ? raw : "");
const number = (raw: Json | undefined): number | null => (typeof raw === "number" ? raw : null);
const list = (raw: Json | undefined): Json[] => (Array.isArray(raw) ? raw : []);
const texts = (raw: Json | undefined): string[] => list(raw).map(text).filter(Boolean);

function record(raw: Json | undefined): Record<string, Json> | null {
  return raw !== null && typeof raw === "object" && !Array.isArray(raw) ? raw : null;
}

function pairs(raw: Json | undefined): [string, string][] {
  return Object.entries(record(raw) ?? {}).map(([name, value]) => [name, text(value)]);
}

/** Null when the payload holds no work: there is no commit in it. */
export function readEvidence(payload: Payload): Evidence | null {
  const head = text(payload.head);
  if (head === "") return null;
  const demo = record(payload.demo);
  const url = text(demo?.url);
  return {
    title: text(payload.title),
    summary: text(payload.summary),
    head,
    branch: text(payload.branch),
    target: readTarget(payload.target),
    demo: url === "" ? null : { url, expiresAt: number(demo?.expires_at) },
    demoProblem: text(demo?.problem),
    files: number(payload.files) ?? 0,
    additions: number(payload.additions) ?? 0,
    checks: texts(payload.checks).map(readCheck),
    covered: number(payload.operations_covered) ?? 0,
    promised: number(payload.operations_promised) ?? 0,
    review: readScores(payload.review),
    findings: list(payload.review_findings).flatMap(readFinding),
    does: texts(payload.covered),
    leavesOut: texts(payload.not_covered),
    agents: pairs(payload.agents),
    calls: number(payload.calls) ?? 0,
    cost: number(payload.cost_usd) ?? 0,
    cap: number(payload.cap_usd),
    iteration: number(payload.iteration) ?? 0,
  };
}

function readTarget(raw: Json | undefined): Target | null {
  const target = record(raw);
  if (target === null) return null;
  return {
    base: text(target.base),
    replaces: Object.keys(record(target.replaces) ?? {}).sort(),
    onto: text(target.onto) || null,
    problem: text(target.problem),
  };
}

function readScores(raw: Json | undefined): Scores | null {
  const scores = record(raw);
  const [security, performance, quality] = [
    number(scores?.security),
    number(scores?.performance),
    number(scores?.quality),
  ];
  if (security === null || performance === null || quality === null) return null;
  return { security, performance, quality };
}

/** `vitest: not executed (no browser)`, as the service words it. Another wording counts as not executed. */
export function readCheck(line: string): Check {
  const found = /^(.*?): (passed|failed|not executed)(?: \((.*)\))?$/s.exec(line);
  if (!found) return { name: line, status: "not executed", detail: "" };
  return { name: found[1] ?? line, status: found[2] as Check["status"], detail: found[3] ?? "" };
}

function readFinding(raw: Json): ShownFinding[] {
  const finding = record(raw);
  if (finding === null) return [];
  return [
    {
      check: text(finding.check),
      severity: text(finding.severity) || "info",
      file: text(finding.file) || null,
      line: number(finding.line),
      owner: text(finding.owner) || null,
      message: text(finding.message),
    },
  ];
}

/** Null when the payload tells of no agent that was stopped. */
export function readTrouble(payload: Payload): Trouble | null {
  if (record(payload.reasons) === null) return null;
  const rest = record(payload.rest);
  const range = record(rest?.usd);
  const [low, high] = [number(range?.low), number(range?.high)];
  return {
    reasons: pairs(payload.reasons),
    cap: number(payload.cap_usd),
    spent: number(payload.spent_usd) ?? 0,
    reserved: number(payload.reserved_usd) ?? 0,
    needed: number(payload.needed_usd) ?? 0,
    kept: number(payload.kept_usd) ?? 0,
    scope: text(payload.scope) || "task",
    account: text(payload.account),
    opensAt: number(payload.opens_at),
    rest: low === null || high === null || high === 0 ? null : { low, high, basis: text(rest?.basis) },
  };
}

/** Null when the payload names no reason to stand still. */
export function readStandstill(payload: Payload): Standstill | null {
  if (!Array.isArray(payload.findings)) return null;
  return {
    reason: text(payload.reason),
    open: list(payload.findings).flatMap(readFinding),
    objections: list(payload.objections).flatMap((raw): [string, string][] => {
      const objection = record(raw);
      return objection === null ? [] : [[text(objection.agent), text(objection.says)]];
    }),
    loops: list(payload.loops).flatMap((raw) => {
      const loop = record(raw);
      const iterations = list(loop?.iterations).flatMap((each) => number(each) ?? []);
      return loop === null ? [] : [{ says: text(loop.says), iterations }];
    }),
  };
}
