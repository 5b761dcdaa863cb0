/** A task's status, an agent, a check's outcome: always a word with an icon. */

import { Ban, Bot, CircleCheck, CircleDashed, CircleX, Hourglass, Loader } from "lucide-react";
import type { AgentName, CheckResult, TaskStatus } from "@/api/types";
import { agentTitle } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";
import { cx } from "@/ui/cx";

const ICON = "size-3.5";
const STATUS: Record<TaskStatus, { tone: Tone; word: string; Icon: typeof Ban }> = {
  queued: { tone: "neutral", word: "Queued", Icon: CircleDashed },
  running: { tone: "info", word: "Running", Icon: Loader },
  waiting_for_input: { tone: "warn", word: "Needs you", Icon: Hourglass },
  completed: { tone: "ok", word: "Completed", Icon: CircleCheck },
  failed: { tone: "bad", word: "Failed", Icon: CircleX },
  cancelled: { tone: "neutral", word: "Cancelled", Icon: Ban },
};

export function statusWord(status: TaskStatus): string {
  return STATUS[status].word;
}

export function StatusBadge({ status }: { status: TaskStatus }) {
  const { tone, word, Icon } = STATUS[status];
  return (
    <Badge
      tone={tone}
      icon={<Icon aria-hidden="true" className={cx(ICON, status === "running" && "pulse")} />}
    >
      {word}
    </Badge>
  );
}

/** An agent's own hue, from its place in the workflow; text on it stays readable in both themes. */
const HUES: Record<AgentName, string> = {
  orchestrator: "#6366f1",
  planner: "#0ea5e9",
  backend_agent: "#10b981",
  database_agent: "#84cc16",
  frontend_agent: "#f59e0b",
  qa_agent: "#ef4444",
  code_reviewer: "#ec4899",
  git_agent: "#8b5cf6",
  devops_agent: "#14b8a6",
};

export function agentHue(agent: AgentName): string {
  return HUES[agent];
}

export function AgentBadge({ agent }: { agent: AgentName }) {
  return (
    <span className="inline-flex items-center align-middle gap-1.5 rounded-full border border-line bg-surface px-2 py-0.5 text-xs font-medium whitespace-nowrap">
      <span aria-hidden="true" className="size-2 rounded-full" style={{ background: agentHue(agent) }} />
      <Bot aria-hidden="true" className="size-3.5 text-muted" />
      {agentTitle(agent)}
    </span>
  );
}

const CHECKS: Record<CheckResult["status"], { tone: Tone; Icon: typeof Ban }> = {
  passed: { tone: "ok", Icon: CircleCheck },
  failed: { tone: "bad", Icon: CircleX },
  "not executed": { tone: "warn", Icon: CircleDashed },
};

export function CheckBadge({ status }: { status: CheckResult["status"] }) {
  const { tone, Icon } = CHECKS[status];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden="true" className={ICON} />}>
      {status}
    </Badge>
  );
}
