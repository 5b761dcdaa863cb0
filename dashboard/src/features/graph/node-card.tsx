import { Link } from "@tanstack/react-router";
import {
  Bot,
  CircleCheck,
  CircleDashed,
  FlaskConical,
  GitCommitHorizontal,
  Hourglass,
  Loader,
  Upload,
  UserRound,
} from "lucide-react";
import { AGENTS } from "@/api/types";
import { agentHue } from "@/blocks/status";
import { cx } from "@/ui/cx";
import { type GraphNode, KINDS, type Mode, nodeNote, nodeTitle, STATUSES } from "./words";

const KIND_ICONS: Record<GraphNode["kind"], typeof Bot> = {
  agent: Bot,
  check: FlaskConical,
  human: UserRound,
  effect: Upload,
  step: GitCommitHorizontal,
};
const STATUS_ICONS: Record<GraphNode["status"], typeof Bot> = {
  done: CircleCheck,
  running: Loader,
  waiting: Hourglass,
  next: CircleDashed,
};
const FRAMES: Record<GraphNode["status"], string> = {
  done: "border-line-strong bg-surface",
  running: "border-2 border-info bg-info-soft",
  waiting: "border-2 border-warn bg-warn-soft",
  next: "border-dashed border-line-strong bg-sunken",
};
const TONES: Record<GraphNode["status"], string> = {
  done: "text-ok",
  running: "text-info",
  waiting: "text-warn",
  next: "text-muted",
};

/** One node. It leads to the state after it, where there is one. */
export function NodeCard({ taskId, node, mode }: { taskId: string; node: GraphNode; mode: Mode }) {
  const words = `${nodeTitle(node.name)}, ${KINDS[node.kind]}, ${STATUSES[node.status]}`;
  const note = nodeNote(node, mode);
  const look = cx(
    "flex size-full items-center gap-2 rounded-md border px-2.5 text-left text-text no-underline",
    FRAMES[node.status],
  );
  if (node.checkpoint_id == null) {
    return (
      <div className={look} title={words}>
        <Inside node={node} note={note} />
      </div>
    );
  }
  return (
    <Link
      to="/tasks/$taskId/state"
      params={{ taskId }}
      search={{ checkpoint: node.checkpoint_id }}
      title={`${words}; see the state after it`}
      className={cx(look, "nopan hover:border-accent hover:bg-accent-soft")}
    >
      <Inside node={node} note={note} />
    </Link>
  );
}

function Inside({ node, note }: { node: GraphNode; note: string }) {
  const Kind = KIND_ICONS[node.kind];
  const Status = STATUS_ICONS[node.status];
  const agent = AGENTS.find((each) => each === node.name);
  const now = node.status === "running" || node.status === "waiting";
  return (
    <>
      {agent && (
        <span
          aria-hidden="true"
          className="h-7 w-1 shrink-0 rounded-full"
          style={{ background: agentHue(agent) }}
        />
      )}
      <Kind aria-hidden="true" className="size-4 shrink-0 text-muted" />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-[14px] font-medium leading-5">{nodeTitle(node.name)}</span>
        <span className="block truncate text-xs text-muted tabular-nums">
          {node.status === "done" ? note || "done" : STATUSES[node.status]}
        </span>
      </span>
      <Status aria-hidden="true" className={cx("size-4 shrink-0", TONES[node.status], now && "pulse")} />
    </>
  );
}
