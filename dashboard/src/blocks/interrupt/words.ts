/** How questions and answers are said. */

import type { Problem } from "@/api/problem";
import type { Action, Decision, Interrupt, InterruptKind, ListedInterrupt } from "@/api/types";
import { usd } from "@/lib/format";

const KIND_ACTIONS: Record<InterruptKind, Action[]> = {
  approval: ["approve", "changes", "abort"],
  budget: ["raise_budget", "abort"],
  escalation: ["retry", "changes", "approve", "abort"],
};
const ALL: readonly Action[] = ["approve", "changes", "raise_budget", "retry", "abort"];

/** What can be answered: what the question names, else what its kind has. */
export function allowedActions(question: Pick<ListedInterrupt, "kind" | "payload">): Action[] {
  const named = question.payload?.actions;
  if (Array.isArray(named)) return ALL.filter((action) => named.includes(action));
  return KIND_ACTIONS[question.kind] ?? [];
}

const DONE: Record<Action, string> = {
  approve: "Approved",
  changes: "Changes asked for",
  raise_budget: "Budget raised",
  retry: "Retried",
  abort: "Aborted",
};

/** What became of it: `Approved`, `Budget raised to $2.00`. */
export function decidedWords(decision: Pick<Decision, "action" | "budget_usd">): string {
  if (decision.action === "raise_budget" && decision.budget_usd != null) {
    return `Budget raised to ${capUsd(decision.budget_usd)}`;
  }
  return DONE[decision.action] ?? decision.action;
}

/** What would happen: a reply as it was read, before it is sent. */
export function readingWords(decision: Decision, question: Pick<Interrupt, "kind">): string {
  switch (decision.action) {
    case "approve":
      return question.kind === "escalation" ? "Accept the work as it is" : "Approve";
    case "changes":
      return "Ask for changes";
    case "raise_budget":
      return decision.budget_usd == null
        ? "Raise the budget"
        : `Raise the budget to ${capUsd(decision.budget_usd)} in all`;
    case "retry":
      return question.kind === "budget" ? "Go on with the budget as it is" : "Retry";
    case "abort":
      return "Abort the task";
  }
}

/** A cap is what a person chose: whole cents stay whole cents. */
export function capUsd(amount: number): string {
  return Math.abs(amount * 100 - Math.round(amount * 100)) < 1e-6 ? `$${amount.toFixed(2)}` : usd(amount);
}

const CHANNELS: Record<string, string> = {
  api: "the API",
  cli: "the command line",
  client: "the Python client",
  dashboard: "the dashboard",
  mcp: "an assistant (MCP)",
  telegram: "Telegram",
  link: "a link",
  deadline: "its deadline",
};

/** `ada via Telegram`, `the dashboard`: who answered, as far as it is known. */
export function bywhom(via: string | null | undefined, by: string | null | undefined): string {
  if (via === "deadline") return "its deadline, as nobody answered";
  const channel = via ? (CHANNELS[via] ?? via) : "";
  if (by) return channel ? `${by} via ${channel}` : by;
  return channel || "somebody";
}

/** The first clause of a prompt and the rest: `Blog is ready`, `15 checks passed. Publish it?`. */
export function splitPrompt(prompt: string): [first: string, rest: string] {
  const found = /^(.{1,120}?)(?::|[.?](?=\s|$))\s*/s.exec(prompt);
  if (!found) return [prompt, ""];
  const first = found[0].trimEnd().endsWith("?") ? `${found[1]}?` : (found[1] ?? prompt);
  return [first, prompt.slice(found[0].length)];
}

/** Why an answer was not taken: who was first, or what the service says. */
export function refusedWords(problem: Problem): string {
  const { winner } = problem;
  if (winner === null) return problem.message;
  const what = decidedWords({ action: winner.action as Action }) ?? "decided";
  return `Answered already: ${what} by ${bywhom(winner.via, winner.by)}. Your answer was not taken.`;
}
