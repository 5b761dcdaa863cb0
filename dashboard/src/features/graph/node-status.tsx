import { CircleCheck, CircleDashed, Hourglass, Loader } from "lucide-react";
import { Badge, type Tone } from "@/ui/badge";
import { cx } from "@/ui/cx";
import { type GraphNode, STATUSES } from "./words";

const LOOKS: Record<GraphNode["status"], { tone: Tone; Icon: typeof Loader }> = {
  done: { tone: "ok", Icon: CircleCheck },
  running: { tone: "info", Icon: Loader },
  waiting: { tone: "warn", Icon: Hourglass },
  next: { tone: "neutral", Icon: CircleDashed },
};

/** What a node is doing: an icon and a word. The one that is on pulses. */
export function NodeStatus({ status }: { status: GraphNode["status"] }) {
  const { tone, Icon } = LOOKS[status];
  const now = status === "running" || status === "waiting";
  return (
    <Badge tone={tone} icon={<Icon aria-hidden="true" className={cx("size-3.5", now && "pulse")} />}>
      {STATUSES[status]}
    </Badge>
  );
}
