/** What an event says, in words: a short line, and what is behind it. */

import type { Action, EventOf, TaskEvent } from "@/api/types";
import { agentTitle, percent, plural, usd } from "@/lib/format";
import type { Tone } from "@/ui/badge";

export interface Words {
  tone: Tone;
  /** Which icon goes with it. */
  sign:
    | "ok"
    | "bad"
    | "info"
    | "warn"
    | "commit"
    | "route"
    | "person"
    | "out"
    | "demo"
    | "fork"
    | "money"
    | "review"
    | "talk"
    | "contract";
  title: string;
  detail: string;
}

const STATUS: Record<EventOf<"task.upsert">["status"], [Words["tone"], Words["sign"], string]> = {
  queued: ["neutral", "info", "The task is queued"],
  running: ["info", "info", "The task goes on"],
  waiting_for_input: ["warn", "person", "The task waits for you"],
  completed: ["ok", "ok", "The task is completed"],
  failed: ["bad", "bad", "The task failed"],
  cancelled: ["neutral", "info", "The task was cancelled"],
};

const CHECK: Record<EventOf<"test">["result"]["status"], [Words["tone"], Words["sign"], string]> = {
  passed: ["ok", "ok", "passed"],
  failed: ["bad", "bad", "failed"],
  "not executed": ["warn", "warn", "not executed"],
};

const EFFECT = { branch: "Branch pushed", pull_request: "Pull request opened", output: "Files written out" };
const ACTED: Record<Action, string> = {
  approve: "approved",
  changes: "changes wanted",
  raise_budget: "budget raised",
  retry: "try again",
  abort: "aborted",
};

export function wordsOf(event: TaskEvent): Words {
  switch (event.type) {
    case "task.upsert": {
      const [tone, sign, title] = STATUS[event.status];
      return { tone, sign, title, detail: event.error ?? "" };
    }
    case "agent.finished":
      return event.success
        ? { tone: "ok", sign: "ok", title: "Finished", detail: event.summary }
        : { tone: "bad", sign: "bad", title: "Failed", detail: event.summary };
    case "artifact":
      return commitWords(event);
    case "test":
      return checkWords(event);
    case "coverage": {
      const { covered, promised } = event.coverage;
      const all = covered.length >= promised.length;
      const detail = `${covered.length} of ${plural(promised.length, "operation")} (${percent(covered.length, promised.length)})`;
      return { tone: all ? "ok" : "warn", sign: all ? "ok" : "warn", title: "Contract coverage", detail };
    }
    case "review": {
      const { security, performance, quality } = event.scores;
      const scores = `security ${security}, performance ${performance}, quality ${quality}`;
      const found = event.findings.length > 0 ? ` · ${plural(event.findings.length, "finding")}` : "";
      return { tone: "info", sign: "review", title: "Review", detail: `${scores}${found}` };
    }
    case "routed": {
      const to = event.to.length > 0 ? event.to.map(agentTitle).join(", ") : "a person";
      const found = event.findings.length > 0 ? plural(event.findings.length, "finding") : "";
      const detail = [found, event.reason].filter(Boolean).join(" · ");
      return { tone: "warn", sign: "route", title: `Sent back to ${to}`, detail };
    }
    case "agent.asked":
    case "agent.answered":
    case "contract.amended":
      return talkWords(event);
    default:
      return otherWords(event);
  }
}

/** The name of whom an agent asked, which is what it wrote. */
function askedTitle(asked: string): string {
  return asked === "" ? "nobody" : agentTitle(asked);
}

function talkWords(event: EventOf<"agent.asked" | "agent.answered" | "contract.amended">): Words {
  switch (event.type) {
    case "agent.asked":
      return { tone: "info", sign: "talk", title: `Asks ${askedTitle(event.asked)}`, detail: event.question };
    case "agent.answered": {
      if (event.refused) {
        return {
          tone: "warn",
          sign: "talk",
          title: `${askedTitle(event.asked)} was not asked`,
          detail: event.refused,
        };
      }
      const wanted = event.wanted && `wants the contract changed: ${event.wanted}`;
      const detail = [event.answer, wanted].filter(Boolean).join(" · ");
      return { tone: "info", sign: "talk", title: `${askedTitle(event.asked)} answers`, detail };
    }
    case "contract.amended": {
      const who = event.wanted_by.map((agent) => agentTitle(agent)).join(", ") || "a person";
      if (event.refused) {
        const title = `Contract unchanged, though ${who} wanted it`;
        return { tone: "warn", sign: "contract", title, detail: event.refused };
      }
      const detail = plural(event.changes.length, "line");
      return { tone: "info", sign: "contract", title: `Contract changed for ${who}`, detail };
    }
  }
}

function commitWords(event: EventOf<"artifact">): Words {
  const refused = Object.keys(event.refused ?? {}).length;
  const detail = `${event.commit.slice(0, 8)}${refused > 0 ? ` · ${plural(refused, "file")} refused` : ""}`;
  return {
    tone: refused > 0 ? "bad" : "neutral",
    sign: "commit",
    title: `${agentTitle(event.agent)} committed ${plural(event.paths.length, "file")}`,
    detail,
  };
}

function checkWords({ result }: EventOf<"test">): Words {
  const [tone, sign, word] = CHECK[result.status];
  const failed = result.tests_failed > 0 ? `${result.tests_failed} of ${result.tests_run} failed` : "";
  const found = result.findings.length > 0 ? plural(result.findings.length, "finding") : "";
  const detail = [failed, found, result.detail].filter(Boolean).join(" · ");
  return { tone, sign, title: `${result.name} ${word}`, detail };
}

function otherWords(event: TaskEvent): Words {
  switch (event.type) {
    case "interrupt.opened":
      return { tone: "warn", sign: "person", title: `Question: ${event.kind}`, detail: event.prompt };
    case "interrupt.reminded": {
      const detail = `reminder ${event.number}: ${event.prompt}`;
      return { tone: "warn", sign: "person", title: "The question still waits", detail };
    }
    case "interrupt.voted": {
      const title = `${event.by || "Someone"} spoke: ${ACTED[event.action]}`;
      return { tone: "info", sign: "person", title, detail: `${event.have} of ${event.needed} agree` };
    }
    case "interrupt.decided": {
      const who = [event.by, event.via && `by ${event.via}`].filter(Boolean).join(" ");
      const detail = [who, event.message].filter(Boolean).join(" · ");
      return { tone: "info", sign: "person", title: `Answered: ${ACTED[event.action]}`, detail };
    }
    case "budget.alert": {
      const detail = `${usd(event.spent_usd)} of ${usd(event.cap_usd)}`;
      return { tone: "warn", sign: "money", title: `${percent(event.share)} of the budget is spent`, detail };
    }
    case "published":
      return { tone: "ok", sign: "out", title: EFFECT[event.kind], detail: event.reference };
    case "demo.started":
      return { tone: "info", sign: "demo", title: "Demo started", detail: event.url };
    case "demo.ended":
      return { tone: "neutral", sign: "demo", title: "Demo ended", detail: event.reason };
    case "forked":
      return { tone: "info", sign: "fork", title: "Forked from another task", detail: event.origin.feedback };
    case "notice": {
      const tone = event.level === "error" ? "bad" : event.level === "warning" ? "warn" : "info";
      return { tone, sign: tone, title: event.text, detail: "" };
    }
    default:
      return { tone: "neutral", sign: "info", title: event.type, detail: "" };
  }
}

/** The address, where it is one that a browser may be sent to. */
export function webAddress(text: string): string | null {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}
