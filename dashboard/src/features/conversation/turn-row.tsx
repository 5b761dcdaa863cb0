import { CircleCheck, CircleStop, CircleX, Loader } from "lucide-react";
import { AgentBadge } from "@/blocks/status";
import { plural, short, usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Badge, type Tone } from "@/ui/badge";
import { cx } from "@/ui/cx";
import { Running } from "./moment";
import type { TurnRow } from "./rows";

const STATES: Record<TurnRow["state"], { tone: Tone; word: string; Icon: typeof Loader }> = {
  running: { tone: "info", word: "At work", Icon: Loader },
  done: { tone: "ok", word: "Done", Icon: CircleCheck },
  failed: { tone: "bad", word: "Failed", Icon: CircleX },
  stopped: { tone: "neutral", word: "Stopped", Icon: CircleStop },
};

/** The head of an agent's turn: what it does, whether it still does, and what it took. */
export function Turn({ row }: { row: TurnRow }) {
  const { tone, word, Icon } = STATES[row.state];
  const pulse = row.state === "running" && "pulse";
  return (
    <div className="flex min-h-7 flex-wrap items-center gap-x-2.5 gap-y-1">
      <AgentBadge agent={row.agent} />
      <span className="font-medium">{inert(row.step)}</span>
      {row.iteration > 0 && <span className="text-xs text-muted">round {row.iteration + 1}</span>}
      <Badge tone={tone} icon={<Icon aria-hidden="true" className={cx("size-3.5", pulse)} />}>
        {word}
      </Badge>
      <span className="text-xs text-muted tabular-nums">
        <Running from={row.ts} to={row.to} />
        {row.calls > 0 && ` · ${plural(row.calls, "call")} · ${short(row.tokens)} tokens · ${usd(row.cost)}`}
      </span>
    </div>
  );
}
