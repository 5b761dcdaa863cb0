import { CircleCheck, CircleDashed, CircleX, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Badge } from "@/ui/badge";

const STATES = {
  ok: { tone: "ok", Icon: CircleCheck },
  bad: { tone: "bad", Icon: CircleX },
  warn: { tone: "warn", Icon: TriangleAlert },
  off: { tone: "neutral", Icon: CircleDashed },
} as const;

export function StateBadge({ state, children }: { state: keyof typeof STATES; children: ReactNode }) {
  const { tone, Icon } = STATES[state];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden="true" className="size-3.5" />}>
      {children}
    </Badge>
  );
}
