import { CircleDollarSign, CircleHelp, PackageCheck, TriangleAlert } from "lucide-react";
import type { InterruptKind } from "@/api/types";
import { Badge, type Tone } from "@/ui/badge";

const KINDS: Record<InterruptKind, { tone: Tone; word: string; Icon: typeof CircleHelp }> = {
  approval: { tone: "info", word: "Approval", Icon: PackageCheck },
  budget: { tone: "warn", word: "Budget", Icon: CircleDollarSign },
  escalation: { tone: "bad", word: "Escalation", Icon: TriangleAlert },
};

/** What kind of question it is; kinds that this release does not know are named as the service names them. */
export function KindBadge({ kind }: { kind: InterruptKind }) {
  const { tone, word, Icon } = KINDS[kind] ?? { tone: "neutral" as const, word: kind, Icon: CircleHelp };
  return (
    <Badge tone={tone} icon={<Icon aria-hidden="true" className="size-3.5" />}>
      {word}
    </Badge>
  );
}
