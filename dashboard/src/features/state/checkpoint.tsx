import { GitFork } from "lucide-react";
import { useEffect, useRef } from "react";
import type { CheckpointView } from "@/api/types";
import { agentTitle, plural, usd } from "@/lib/format";
import { inert, plain } from "@/lib/text";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Disclosure } from "@/ui/disclosure";
import { Ago } from "@/ui/time";
import { type Change, lineDiff } from "./changes";

/** Nodes as people say them: `Backend, Database and 2 more`. */
export function nodeNames(nodes: readonly string[], most = 3): string {
  const names = nodes.slice(0, most).map((node) => inert(agentTitle(node)));
  const rest = nodes.length - names.length;
  return rest > 0 ? `${names.join(", ")} and ${rest} more` : names.join(", ");
}

export function CheckpointRow({
  checkpoint,
  latest,
  changes,
  chosen,
  onToggle,
  onFork,
}: {
  checkpoint: CheckpointView;
  latest: boolean;
  changes: Change[];
  /** It stands in the address: open, and brought into view when the page begins with it. */
  chosen: boolean;
  onToggle: (open: boolean) => void;
  onFork: () => void;
}) {
  const row = useRef<HTMLLIElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the page begins with it
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const files = checkpoint.files_changed ?? [];
  const { number, wrote, next } = checkpoint;
  return (
    <li
      ref={row}
      className={cx(
        "flex flex-wrap items-start gap-x-3 gap-y-1 border-line py-2 not-first:border-t",
        chosen && "-mx-2 rounded bg-sunken px-2",
      )}
    >
      <Disclosure
        className="flex-1 basis-40"
        controlled={{ open: chosen, onToggle }}
        summary={
          <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-0.5">
            <span className="text-xs text-muted tabular-nums">#{number}</span>
            <span className="font-medium">{wrote.length === 0 ? "Submitted" : nodeNames(wrote)}</span>
            {latest && <Badge tone="accent">latest</Badge>}
            <span className="text-xs text-muted">
              iteration {checkpoint.iteration + 1}
              {" · "}
              <Ago ts={checkpoint.created_at} />
              {files.length > 0 && ` · ${plural(files.length, "file")}`}
              {checkpoint.spent_after_usd ? ` · ${usd(checkpoint.spent_after_usd)} spent since` : ""}
            </span>
          </span>
        }
      >
        <div className="flex flex-col gap-3 pt-1 pb-2 pl-5">
          <p className="m-0 text-muted">
            {next.length === 0 ? "Nothing runs from here." : `Runs next: ${nodeNames(next, 9)}.`}
          </p>
          {changes.map((change) => (
            <ChangeView key={change.key} change={change} />
          ))}
          <Files files={files} />
        </div>
      </Disclosure>
      <Button size="small" icon={<GitFork aria-hidden="true" className="size-3.5" />} onClick={onFork}>
        Fork<span className="sr-only"> from checkpoint {number}</span>
      </Button>
    </li>
  );
}

const MARKS = {
  "+": "bg-ok-soft text-ok",
  "-": "bg-bad-soft text-bad",
  " ": "text-muted",
};

function ChangeView({ change: { key, before, after } }: { change: Change }) {
  return (
    <section className="min-w-0">
      <h3 className="m-0 mb-1 text-[13px] font-medium">
        <code>{inert(key)}</code>{" "}
        <span className="text-xs font-normal text-muted">{before === null ? "new" : "changed"}</span>
      </h3>
      <pre className="m-0 max-h-72 overflow-auto rounded border border-line bg-sunken py-1 text-xs">
        {lineDiff(before, after).map(({ mark, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no identity
          <div key={index} className={cx("px-2 whitespace-pre-wrap break-all", MARKS[mark])}>
            {mark} {plain(text)}
          </div>
        ))}
      </pre>
    </section>
  );
}

function Files({ files }: { files: readonly string[] }) {
  if (files.length === 0) return null;
  return (
    <Disclosure
      summary={<span className="text-[13px] font-medium">{plural(files.length, "file")} changed</span>}
    >
      <ul className="m-0 max-h-72 list-none overflow-auto p-0 pl-5">
        {files.map((file) => (
          <li key={file}>
            <code className="text-xs break-all">{inert(file)}</code>
          </li>
        ))}
      </ul>
    </Disclosure>
  );
}
