/**
 * A file's text, or what changed in it. What draws it is fetched when it is first needed; texts too large for it are
 * shown plainly, cut. Texts are only ever text here.
 */

import { FileWarning } from "lucide-react";
import { lazy, type ReactNode, Suspense } from "react";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Skeleton } from "@/ui/states";
import type { DiffProps } from "./diff";
import { beginning, whyPlain } from "./limits";
import type { ViewerProps } from "./viewer";

export type { ViewHandle } from "./handle";

const Viewer = lazy(() => import("./viewer"));
const Diff = lazy(() => import("./diff"));

export function CodeView(props: ViewerProps) {
  const why = whyPlain(props.text);
  if (why !== null) return <PlainText why={why} text={props.text} label={props.label} />;
  return (
    <Waiting>
      <Viewer {...props} />
    </Waiting>
  );
}

export function DiffView(props: DiffProps) {
  const why = whyPlain(props.before) ?? whyPlain(props.after);
  if (why !== null) return <PlainText why={why} text={props.after} label={props.labels.after} />;
  return (
    <Waiting>
      <Diff {...props} />
    </Waiting>
  );
}

function Waiting({ children }: { children: ReactNode }) {
  return <Suspense fallback={<Skeleton lines={16} className="min-h-96 p-4" />}>{children}</Suspense>;
}

/** Text without lines and colours; said to be so, and how much is missing. */
export function PlainText({ why, text, label }: { why: string; text: string; label: string }) {
  const { text: shown, left } = beginning(text);
  return (
    <div>
      <p className="m-0 flex items-start gap-2 border-b border-line bg-warn-soft px-3 py-2 text-warn">
        <FileWarning aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
        <span>
          {why}: shown as plain text
          {left > 0 && `, without the last ${plural(left, "character")}`}.
        </span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section aria-label={label} tabIndex={0} className="max-h-[70dvh] overflow-auto">
        <pre className="m-0 p-3 break-all whitespace-pre-wrap">{inert(shown)}</pre>
      </section>
    </div>
  );
}
