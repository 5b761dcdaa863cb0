import { ArrowDown, ArrowUp, ChevronLeft, ChevronRight, Copy, Search, UnfoldVertical } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import type { ViewHandle } from "@/blocks/code";
import { AgentBadge } from "@/blocks/status";
import { plural } from "@/lib/format";
import { useShortcut } from "@/lib/shortcuts";
import { inert } from "@/lib/text";
import { IconButton } from "@/ui/button";
import { Segmented } from "@/ui/segmented";
import { toast } from "@/ui/toast";
import type { Layout } from "./selection";
import { FileStatus, LineCounts } from "./status";
import type { TreeFile } from "./tree";

const LAYOUTS: { value: Layout; label: string }[] = [
  { value: "split", label: "Split" },
  { value: "unified", label: "Unified" },
  { value: "text", label: "Text" },
];

/** What is known of a file, and ways to look at it. `layout` is null where there is nothing to compare. */
export function FileBar({
  file,
  compared,
  layout,
  whole,
  changes,
  handle,
  onLayout,
  onWhole,
  onStep,
}: {
  file: TreeFile;
  compared: boolean;
  layout: Layout | null;
  whole: boolean;
  changes: number | null;
  handle: RefObject<ViewHandle | null>;
  onLayout: (layout: Layout) => void;
  onWhole: (whole: boolean) => void;
  onStep: (by: 1 | -1) => void;
}) {
  const differing = layout !== null && layout !== "text";
  useShortcut(".", "Next change", () => handle.current?.next(), differing);
  useShortcut(",", "Previous change", () => handle.current?.previous(), differing);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line px-3 py-2">
      <div className="flex min-w-0 flex-1 basis-64 flex-wrap items-center gap-x-2 gap-y-1">
        {compared && <FileStatus status={file.status} />}
        <h3 className="m-0 min-w-0 font-mono text-[13px] font-medium break-all">{inert(file.path)}</h3>
        {file.agent && <AgentBadge agent={file.agent} />}
        {compared && file.status !== "unchanged" && (
          <LineCounts additions={file.additions} deletions={file.deletions} />
        )}
        {compared && file.status === "unchanged" && <span className="text-xs text-muted">unchanged</span>}
      </div>
      <div className="flex flex-wrap items-center gap-1">
        {layout !== null && (
          <Segmented label="How changes are shown" value={layout} options={LAYOUTS} onChange={onLayout} />
        )}
        {differing && <Changes count={changes} handle={handle} whole={whole} onWhole={onWhole} />}
        <Act label="Search in this file" icon={<Search />} onClick={() => handle.current?.search()} />
        <Act label="Copy the path" icon={<Copy />} onClick={() => void copyPath(file.path)} />
        <Act label="Previous file (k)" icon={<ChevronLeft />} onClick={() => onStep(-1)} />
        <Act label="Next file (j)" icon={<ChevronRight />} onClick={() => onStep(1)} />
      </div>
    </div>
  );
}

function Changes({
  count,
  handle,
  whole,
  onWhole,
}: {
  count: number | null;
  handle: RefObject<ViewHandle | null>;
  whole: boolean;
  onWhole: (whole: boolean) => void;
}) {
  return (
    <>
      <span className="ml-1 min-w-18 text-right text-xs text-muted tabular-nums">
        {count === null ? "" : plural(count, "change")}
      </span>
      <Act label="Previous change (,)" icon={<ArrowUp />} onClick={() => handle.current?.previous()} />
      <Act label="Next change (.)" icon={<ArrowDown />} onClick={() => handle.current?.next()} />
      <Act
        label="Show unchanged lines"
        icon={<UnfoldVertical />}
        pressed={whole}
        onClick={() => onWhole(!whole)}
      />
    </>
  );
}

function Act({
  label,
  icon,
  pressed,
  onClick,
}: {
  label: string;
  icon: ReactNode;
  pressed?: boolean;
  onClick: () => void;
}) {
  return (
    <IconButton
      label={label}
      aria-pressed={pressed}
      className={pressed ? "!bg-accent-soft !text-accent" : undefined}
      onClick={onClick}
    >
      <span aria-hidden="true" className="inline-flex [&>svg]:size-4">
        {icon}
      </span>
    </IconButton>
  );
}

async function copyPath(path: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(path);
    toast("Path copied");
  } catch {
    toast("The browser does not let this page copy; select the path by hand", { bad: true });
  }
}
