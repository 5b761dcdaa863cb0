import { inert } from "@/lib/text";
import { More } from "./part";
import type { Payload } from "./payload";

/** Everything that was shown, as data: open where nothing of it is understood. */
export function RawPayload({ payload, open }: { payload: Payload; open: boolean }) {
  if (Object.keys(payload).length === 0) return null;
  return (
    <More summary="All that was shown, as JSON" open={open || undefined}>
      <section aria-label="Data of the question">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
        <pre tabIndex={0} className="m-0 max-h-80 overflow-auto rounded bg-sunken p-2 text-xs">
          {inert(JSON.stringify(payload, null, 2))}
        </pre>
      </section>
    </More>
  );
}
