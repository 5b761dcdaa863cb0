import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ComponentProps, type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import { useShortcut } from "@/lib/shortcuts";
import { Table } from "@/ui/table";
import type { RowsProps } from "./page";
import { TaskRow } from "./row";
import { stepped } from "./step";

/** From this many rows on only those in view are in the page. */
const VIRTUAL_FROM = 100;
const ROW_PX = 47;
const COLUMNS = ["Status", "Task", "Workflow", "Agent now", "Round", "Cost", "Age", "PR"];
/** On narrow screens the other columns stand below the sentence. */
const NARROW = "max-md:[&_:is(td,th):nth-child(n+4)]:hidden";

export function TaskTable({ tasks, selection }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(box.current?.offsetTop ?? 0), []);
  const many = tasks.length > VIRTUAL_FROM;
  const rows = useWindowVirtualizer({
    count: tasks.length,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => tasks[index]?.task_id ?? index,
    overscan: 12,
    scrollMargin: top,
    enabled: many,
  });
  const focus = useRowFocus(tasks.length, (index) => {
    if (many) rows.scrollToIndex(index, { align: "auto" });
  });
  const shown = many ? rows.getVirtualItems().map(({ index }) => index) : tasks.map((_, index) => index);
  const [before, after] = many ? room(rows) : [0, 0];
  return (
    <div ref={box} className={`rounded-lg border border-line bg-surface shadow-card ${NARROW}`}>
      <Table label="Tasks" head={[<All key="all" {...selection} />, ...COLUMNS]}>
        {before > 0 && <Spacer height={before} />}
        {shown.map((index) => {
          const task = tasks[index];
          if (!task) return null;
          return (
            <TaskRow
              key={task.task_id}
              ref={many ? rows.measureElement : undefined}
              task={task}
              index={index}
              chosen={selection.ids.has(task.task_id)}
              wanted={focus.wanted === index}
              onFocus={focus.onFocus}
              onKeyDown={focus.onKeyDown}
              onToggle={selection.toggle}
            />
          );
        })}
        {after > 0 && <Spacer height={after} />}
      </Table>
    </div>
  );
}

/** The height of what is not in the page, above and below. */
function room(rows: ReturnType<typeof useWindowVirtualizer>): [number, number] {
  const items = rows.getVirtualItems();
  const { scrollMargin } = rows.options;
  const above = (items[0]?.start ?? scrollMargin) - scrollMargin;
  const below = rows.getTotalSize() - ((items.at(-1)?.end ?? scrollMargin) - scrollMargin);
  return [Math.max(0, above), Math.max(0, below)];
}

function Spacer({ height }: { height: number }) {
  return (
    <tr>
      <td colSpan={COLUMNS.length + 1} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

function All({ all, possible, chosen, toggleAll }: ComponentProps<typeof TaskTable>["selection"]) {
  return (
    <label className="-m-1.5 flex size-8 items-center justify-center">
      <input
        type="checkbox"
        aria-label="Select all tasks that can be cancelled"
        className="size-4 accent-(--accent)"
        disabled={possible === 0}
        checked={all}
        ref={(input) => {
          if (input) input.indeterminate = chosen.length > 0 && !all;
        }}
        onChange={toggleAll}
      />
    </label>
  );
}

/** The row that has the focus, moved by keys: j and k anywhere, arrows within the rows. */
function useRowFocus(count: number, onMove: (index: number) => void) {
  const at = useRef(-1);
  const [wanted, setWanted] = useState<number | null>(null);
  const move = (key: string) => {
    const next = stepped(at.current, key, count);
    if (next === null) return false;
    at.current = next;
    onMove(next);
    setWanted(next);
    return true;
  };
  useShortcut("j", "Next row", () => move("ArrowDown"));
  useShortcut("k", "Previous row", () => move("ArrowUp"));
  return {
    wanted,
    onFocus: (index: number) => {
      at.current = index;
      setWanted(null);
    },
    onKeyDown: (event: KeyboardEvent) => {
      const plainKey = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (plainKey && move(event.key)) event.preventDefault();
    },
  };
}
