/** How the live updates are doing: a dot with a word, and a banner while they are not. */

import { RefreshCw, TriangleAlert } from "lucide-react";
import { hub, useLive } from "@/live";
import { FALLBACK_TRIES, type LiveState } from "@/live/hub";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";

const WORDS: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  unauthorised: "Key needed",
  paused: "Paused",
};

export function ConnectionDot() {
  const { state } = useLive();
  return (
    <div className="flex items-center gap-2" data-testid="connection" data-state={state}>
      <span
        aria-hidden="true"
        className={cx(
          "size-2 rounded-full",
          state === "live" ? "bg-ok" : state === "unauthorised" ? "bg-bad" : "bg-warn",
        )}
      />
      {WORDS[state]}
    </div>
  );
}

export function ConnectionBanner() {
  const { state, tries } = useLive();
  if (state !== "reconnecting") return null;
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warn-soft px-4 py-1.5 text-warn"
    >
      <TriangleAlert aria-hidden="true" className="size-4" />
      <span>
        Live updates paused, reconnecting… try {tries}
        {tries >= FALLBACK_TRIES && " · fetched every 15 s meanwhile"}
      </span>
      <Button
        size="small"
        icon={<RefreshCw aria-hidden="true" className="size-3.5" />}
        onClick={() => hub.reconnect()}
      >
        Reconnect now
      </Button>
    </div>
  );
}
