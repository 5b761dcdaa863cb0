import { useNow } from "@/lib/clock";
import { absolute, ago, duration } from "@/lib/format";

/** How long ago, with the moment itself on hover. */
export function Ago({ ts }: { ts: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(ts * 1000).toISOString()} title={absolute(ts)}>
      {ago(ts, now)}
    </time>
  );
}

/** How long it took, or takes: ticks until `to` is there. */
export function Elapsed({ from, to }: { from: number; to?: number | null }) {
  return to == null ? <Ticking from={from} /> : <span className="tabular-nums">{duration(to - from)}</span>;
}

function Ticking({ from }: { from: number }) {
  const now = useNow();
  return <span className="tabular-nums">{duration(Math.max(0, Math.floor(now - from)))}</span>;
}
