import { CircleCheck, CircleX } from "lucide-react";
import type { Interaction } from "@/api/types";
import { Badge } from "@/ui/badge";

/** How a call ended. An answer that was cut off counts as a success with the service; people are told. */
export function outcome(call: Pick<Interaction, "success" | "finish_reason">): {
  word: string;
  tone: "ok" | "warn" | "bad";
} {
  if (call.success === false) return { word: "Failed", tone: "bad" };
  if (call.finish_reason === "length") return { word: "Cut off", tone: "warn" };
  if (call.finish_reason === "content_filter") return { word: "Filtered", tone: "warn" };
  return { word: "OK", tone: "ok" };
}

export function CallOutcome({ call }: { call: Pick<Interaction, "success" | "finish_reason"> }) {
  const { word, tone } = outcome(call);
  const Icon = tone === "ok" ? CircleCheck : CircleX;
  return (
    <Badge tone={tone} icon={<Icon aria-hidden="true" className="size-3.5" />}>
      {word}
    </Badge>
  );
}
