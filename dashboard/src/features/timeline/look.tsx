/** How a span looks and what it is called, in the lanes and in the table. */

import { type Ban, CircleCheck, CircleDashed, CircleX, Hourglass, Loader } from "lucide-react";
import type { AgentName, Span } from "@/api/types";
import { AGENTS } from "@/api/types";
import { agentHue } from "@/blocks/status";
import { agentTitle, duration, plural, short, usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Badge, type Tone } from "@/ui/badge";
import { cx } from "@/ui/cx";
import { endOf } from "./axis";

const STATUS: Record<Span["status"], { tone: Tone; word: string; Icon: typeof Ban }> = {
  running: { tone: "info", word: "Running", Icon: Loader },
  done: { tone: "ok", word: "Done", Icon: CircleCheck },
  failed: { tone: "bad", word: "Failed", Icon: CircleX },
  waiting: { tone: "warn", word: "Waiting", Icon: Hourglass },
  not_executed: { tone: "warn", word: "Not executed", Icon: CircleDashed },
};
const LANES: Record<string, string> = { checks: "Checks", person: "You", outside: "Outside" };

export function laneTitle(lane: string): string {
  return LANES[lane] ?? agentTitle(lane);
}

export function laneHue(lane: string): string {
  const agent = AGENTS.find((each): each is AgentName => each === lane);
  return agent ? agentHue(agent) : "var(--line-strong)";
}

export function statusWord(span: Span): string {
  return STATUS[span.status].word;
}

export function SpanIcon({ span, className }: { span: Span; className?: string }) {
  const { Icon, tone } = STATUS[span.status];
  const colour = { ok: "text-ok", bad: "text-bad", warn: "text-warn", info: "text-info" }[tone as string];
  return (
    <Icon
      aria-hidden="true"
      className={cx("size-3.5 shrink-0", colour, span.status === "running" && "pulse", className)}
    />
  );
}

export function SpanBadge({ span }: { span: Span }) {
  const { tone, word, Icon } = STATUS[span.status];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden="true" className="size-3.5" />}>
      {word}
    </Badge>
  );
}

/** All of it in one sentence. */
export function spanLabel(span: Span, now: number): string {
  const parts = [
    `${laneTitle(span.lane)}: ${inert(span.title)}`,
    span.iteration > 0 ? `round ${span.iteration + 1}` : "",
    statusWord(span),
    duration(endOf(span, now) - span.started_at),
    span.calls > 0
      ? `${usd(span.cost_usd)}, ${plural(span.calls, "call")}, ${short(span.tokens)} tokens`
      : "",
  ];
  return parts.filter(Boolean).join(", ");
}
