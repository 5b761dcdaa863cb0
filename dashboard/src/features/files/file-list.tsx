import { useRef, useState } from "react";
import { useShortcut } from "@/lib/shortcuts";
import { TextField } from "@/ui/form";
import { FileTree, treeCount } from "./file-tree";
import { matching, totals } from "./selection";
import { LineCounts } from "./status";
import type { TreeFile } from "./tree";

/** The files, by a filter; beside an older version only those that changed, unless all are asked for. */
export function FileList({
  files,
  selected,
  compared,
  onSelect,
}: {
  files: TreeFile[];
  selected: string | undefined;
  compared: boolean;
  onSelect: (path: string) => void;
}) {
  const [filter, setFilter] = useState("");
  const [everything, setEverything] = useState(false);
  const field = useRef<HTMLDivElement>(null);
  useShortcut("/", "Filter files", () => field.current?.querySelector("input")?.focus());
  const shown = matching(files, filter, compared && !everything);
  return (
    <div className="flex min-w-0 flex-col border-line border-b @2xl:border-r @2xl:border-b-0">
      <div ref={field} className="flex flex-col gap-1.5 border-b border-line p-2">
        <TextField
          label="Filter files"
          hideLabel
          type="search"
          placeholder="Filter files"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        {compared && (
          <label className="flex min-h-6 items-center gap-2 text-[13px]">
            <input
              type="checkbox"
              className="size-4"
              checked={everything}
              onChange={(event) => setEverything(event.target.checked)}
            />
            Show unchanged files too
          </label>
        )}
      </div>
      <div className="relative max-h-72 min-h-0 flex-1 overflow-y-auto @2xl:max-h-[calc(70dvh-3rem)]">
        {shown.length === 0 ? (
          <p className="m-0 p-3 text-muted">
            {filter === "" ? "Nothing changed between these versions." : "No file has this in its path."}
          </p>
        ) : (
          <FileTree
            files={shown}
            selected={selected}
            compared={compared}
            filtered={filter !== ""}
            onSelect={onSelect}
          />
        )}
      </div>
      <Footer files={files} shown={shown.length} compared={compared} />
    </div>
  );
}

function Footer({ files, shown, compared }: { files: TreeFile[]; shown: number; compared: boolean }) {
  const sums = totals(files);
  return (
    <div className="flex flex-wrap items-center gap-x-3 border-t border-line px-3 py-1.5 text-xs text-muted">
      {treeCount(shown, files.length)}
      {compared && (
        <>
          <span>
            {sums.added} added, {sums.modified} modified, {sums.deleted} deleted
          </span>
          <LineCounts additions={sums.additions} deletions={sums.deletions} />
        </>
      )}
    </div>
  );
}
