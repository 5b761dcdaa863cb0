/** The files in folders: a tree widget with one tab stop, moved by arrows, Home, End and letters. */

import { ChevronDown, ChevronRight, FileText, Folder as FolderIcon } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { agentHue } from "@/blocks/status";
import { agentTitle, plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { cx } from "@/ui/cx";
import { FileStatus, LineCounts } from "./status";
import { buildTree, isWithin, MANY_FILES, moved, type Row, type TreeFile, visibleRows } from "./tree";

export function FileTree({
  files,
  selected,
  compared,
  filtered,
  onSelect,
}: {
  files: TreeFile[];
  selected: string | undefined;
  /** Whether the files are beside an older version, so that what changed is worth saying. */
  compared: boolean;
  /** While a filter holds, every folder that has something is open. */
  filtered: boolean;
  onSelect: (path: string) => void;
}) {
  const root = useMemo(() => buildTree(files), [files]);
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const many = files.length > MANY_FILES;
  const isOpen = (path: string) =>
    filtered || (chosen.get(path) ?? (!many || (selected !== undefined && isWithin(selected, path))));
  const rows = visibleRows(root, isOpen);
  const toggle = (path: string) => setChosen(new Map(chosen).set(path, !isOpen(path)));
  const { box, active, setActive, focusRow } = useRoving(rows, selected);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows.find((each) => each.path === active);
    const acted = row && act(row, event.key, toggle, onSelect);
    const next = acted ? undefined : moved(rows, active ?? "", event.key);
    if (next) focusRow(next.path);
    // Letters move within the tree; they are no shortcuts of the page here.
    if (acted || next) event.preventDefault();
  };

  return (
    <div ref={box} role="tree" aria-label="Files" onKeyDown={onKeyDown} className="flex flex-col py-1">
      {rows.map((row) => (
        <TreeRow
          key={row.path}
          row={row}
          compared={compared}
          selected={row.path === selected}
          tabIndex={row.path === active ? 0 : -1}
          onFocus={() => setActive(row.path)}
          onPress={() => (row.file ? onSelect(row.path) : toggle(row.path))}
        />
      ))}
    </div>
  );
}

/** What a key does with a row by itself; true when it did something. */
function act(
  row: Row,
  key: string,
  toggle: (path: string) => void,
  onSelect: (path: string) => void,
): boolean {
  if (key === "Enter" || key === " ") {
    if (row.file) onSelect(row.path);
    else toggle(row.path);
    return true;
  }
  if ((key === "ArrowRight" && row.open === false) || (key === "ArrowLeft" && row.open === true)) {
    toggle(row.path);
    return true;
  }
  return false;
}

/** One row of the tree is in the tab order: the one that had the focus last, else the selected, else the first. */
function useRoving(rows: Row[], selected: string | undefined) {
  const box = useRef<HTMLDivElement>(null);
  const [wanted, setActive] = useState<string | undefined>(selected);
  const known = (path: string | undefined) => rows.some((row) => row.path === path);
  const active = known(wanted) ? wanted : known(selected) ? selected : rows[0]?.path;
  const row = (path: string) => box.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`);
  useEffect(() => {
    if (selected === undefined) return;
    setActive(selected);
    const shown = box.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(selected)}"]`);
    const scroller = box.current?.parentElement;
    if (shown && scroller) keepInView(shown, scroller);
  }, [selected]);
  const focusRow = (path: string) => row(path)?.focus();
  return { box, active, setActive, focusRow };
}

/** Scrolls the list alone; `scrollIntoView` would move the page too. */
function keepInView(row: HTMLElement, scroller: HTMLElement): void {
  const [its, whole] = [row.getBoundingClientRect(), scroller.getBoundingClientRect()];
  if (its.top < whole.top) scroller.scrollTop -= whole.top - its.top;
  else if (its.bottom > whole.bottom) scroller.scrollTop += its.bottom - whole.bottom;
}

function TreeRow({
  row,
  compared,
  selected,
  tabIndex,
  onFocus,
  onPress,
}: {
  row: Row;
  compared: boolean;
  selected: boolean;
  tabIndex: 0 | -1;
  onFocus: () => void;
  onPress: () => void;
}) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys of all its rows
    <div
      role="treeitem"
      data-path={row.path}
      aria-level={row.level}
      aria-setsize={row.siblings}
      aria-posinset={row.position}
      aria-expanded={row.open}
      aria-selected={row.file ? selected : undefined}
      tabIndex={tabIndex}
      onFocus={onFocus}
      onClick={onPress}
      style={{ paddingLeft: `${4 + (row.level - 1) * 14}px` }}
      className={cx(
        "flex min-h-7 cursor-pointer items-center gap-1.5 pr-2 !-outline-offset-2 hover:bg-sunken",
        selected && "bg-accent-soft font-medium text-accent",
      )}
    >
      {row.file ? <FileRow row={row} file={row.file} compared={compared} /> : <FolderRow row={row} />}
    </div>
  );
}

function FolderRow({ row }: { row: Row }) {
  const Chevron = row.open ? ChevronDown : ChevronRight;
  return (
    <>
      <Chevron aria-hidden="true" className="size-3.5 shrink-0 text-muted" />
      <FolderIcon aria-hidden="true" className="size-4 shrink-0 text-muted" />
      <span className="truncate">{inert(row.name)}</span>
      <span className="ml-auto text-xs text-muted">
        {row.count}
        <span className="sr-only"> {row.count === 1 ? "file" : "files"}</span>
      </span>
    </>
  );
}

function FileRow({ row, file, compared }: { row: Row; file: TreeFile; compared: boolean }) {
  return (
    <>
      <span className="w-3.5 shrink-0" />
      {compared && file.status !== "unchanged" ? (
        <FileStatus status={file.status} />
      ) : (
        <FileText aria-hidden="true" className="size-4 shrink-0 text-muted" />
      )}
      <span className={cx("truncate", file.status === "deleted" && "line-through")} title={inert(file.path)}>
        {inert(row.name)}
      </span>
      <span className="ml-auto flex shrink-0 items-center gap-2">
        {compared && file.status !== "unchanged" && (
          <LineCounts additions={file.additions} deletions={file.deletions} />
        )}
        {file.agent && (
          <span
            title={`written by ${agentTitle(file.agent)}`}
            className="size-2.5 shrink-0 rounded-full"
            style={{ background: agentHue(file.agent) }}
          >
            <span className="sr-only">, written by {agentTitle(file.agent)}</span>
          </span>
        )}
      </span>
    </>
  );
}

/** Said below the tree. */
export function treeCount(shown: number, all: number): string {
  return shown === all ? plural(all, "file") : `${shown} of ${plural(all, "file")}`;
}
