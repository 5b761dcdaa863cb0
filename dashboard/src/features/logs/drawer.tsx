import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronUp } from "lucide-react";
import { useEffect, useRef } from "react";
import { queries } from "@/api/queries";
import type { Interaction } from "@/api/types";
import { preferences } from "@/lib/preferences";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { QueryPanel, Skeleton } from "@/ui/states";
import { CallFacts } from "./facts";
import { LongText, Messages } from "./texts";

interface Props {
  id: string;
  /** Those in the list: their texts are there already, and the keys j and k go through them. */
  calls: readonly Interaction[];
  onGo: (id: string) => void;
  onClose: () => void;
}

/** One call whole. */
export function CallDrawer({ id, calls, onGo, onClose }: Props) {
  const at = calls.findIndex((call) => call.interaction_id === id);
  const kept = calls[at];
  const query = useQuery({ ...queries.call(id), initialData: kept });
  const step = (by: 1 | -1) => {
    const next = at === -1 ? undefined : calls[at + by];
    if (next) onGo(next.interaction_id);
  };
  useDrawerKeys(step);
  const title = query.data ? inert(query.data.prompt_name) : "Model call";
  return (
    <Dialog open place="side" wide title={title} onOpenChange={(open) => !open && onClose()}>
      <div>
        <div className="mb-4 flex flex-wrap gap-2">
          <Button
            size="small"
            disabled={at <= 0}
            icon={<ChevronUp aria-hidden="true" className="size-3.5" />}
            title="Newer call (k)"
            onClick={() => step(-1)}
          >
            Newer
          </Button>
          <Button
            size="small"
            disabled={at === -1 || at >= calls.length - 1}
            icon={<ChevronDown aria-hidden="true" className="size-3.5" />}
            title="Older call (j)"
            onClick={() => step(1)}
          >
            Older
          </Button>
          {query.data && (
            <CopyButton className="ml-auto" label="Copy as JSON" text={JSON.stringify(query.data, null, 2)} />
          )}
        </div>
        <QueryPanel query={query} skeleton={<Skeleton lines={12} />}>
          {(call) => <Whole key={call.interaction_id} call={call} />}
        </QueryPanel>
      </div>
    </Dialog>
  );
}

/** j and k, wherever in the drawer the focus is: shortcuts of the page do not reach into dialogs. */
function useDrawerKeys(step: (by: 1 | -1) => void): void {
  const latest = useRef(step);
  useEffect(() => {
    latest.current = step;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const held = event.ctrlKey || event.metaKey || event.altKey;
      if (held || event.defaultPrevented || !preferences().shortcuts) return;
      if (event.key === "j") latest.current(1);
      if (event.key === "k") latest.current(-1);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function Whole({ call }: { call: Interaction }) {
  return (
    <div className="flex flex-col gap-5">
      <CallFacts call={call} />
      {call.error && (
        <section>
          <h3 className="m-0 mb-1 text-sm font-semibold text-bad">Error</h3>
          <LongText text={call.error} label="Error" />
        </section>
      )}
      <section>
        <div className="mb-1 flex items-center justify-between gap-2">
          <h3 className="m-0 text-sm font-semibold">Answer</h3>
          {call.response && <CopyButton label="Copy the answer" compact text={call.response} />}
        </div>
        {call.response ? (
          <LongText text={call.response} label="Answer" />
        ) : (
          <p className="m-0 text-muted">Nothing came back.</p>
        )}
      </section>
      <Messages messages={call.messages} />
    </div>
  );
}
