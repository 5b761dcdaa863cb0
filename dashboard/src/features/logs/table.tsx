import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Interaction } from "@/api/types";
import { Table } from "@/ui/table";
import { CallRow } from "./row";
import type { useCalls } from "./use-calls";
import { useRowKeys } from "./use-row-keys";

const ROW_PX = 41;
const COLUMNS = [
  "When",
  "Agent",
  "Prompt",
  "Model",
  "Outcome",
  "Tokens in",
  "Tokens out",
  "Cost",
  "Time",
  "Task",
];
/** On narrow screens the other columns stand below the prompt's name. */
const NARROW =
  "max-md:[&_:is(td,th):is(:nth-child(-n+2),:nth-child(4),:nth-child(n+6))]:hidden [&_th:nth-child(n+6):nth-child(-n+9)]:text-right";

interface Props {
  calls: Interaction[];
  query: ReturnType<typeof useCalls>["query"];
  /** The call that is looked at; when it no longer is, its row has the focus. */
  open?: string;
  onOpen: (id: string) => void;
}

/** Calls, newest first; only those in view are in the page. Near the end older ones are fetched. */
export function CallTable({ calls, query, open, onOpen }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(box.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: calls.length,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => calls[index]?.interaction_id ?? index,
    overscan: 12,
    scrollMargin: top,
  });
  const keys = useRowKeys(calls.length, (index) => rows.scrollToIndex(index, { align: "auto" }));
  useReturn(open, (id) => {
    const index = calls.findIndex((call) => call.interaction_id === id);
    if (index !== -1) keys.go(index);
  });
  const shown = rows.getVirtualItems();
  useOlder(query, (shown.at(-1)?.index ?? 0) >= calls.length - 10 && calls.length >= 50);
  const above = Math.max(0, (shown[0]?.start ?? top) - top);
  const below = Math.max(0, rows.getTotalSize() - ((shown.at(-1)?.end ?? top) - top));
  return (
    <div ref={box} className={`rounded-lg border border-line bg-surface shadow-card ${NARROW}`}>
      <Table label="Model calls" head={COLUMNS}>
        {above > 0 && <Spacer height={above} />}
        {shown.map(({ index }) => {
          const call = calls[index];
          if (!call) return null;
          return (
            <CallRow
              key={call.interaction_id}
              ref={rows.measureElement}
              call={call}
              index={index}
              wanted={keys.wanted === index}
              onFocus={keys.onFocus}
              onKeyDown={keys.onKeyDown}
              onOpen={onOpen}
            />
          );
        })}
        {below > 0 && <Spacer height={below} />}
      </Table>
    </div>
  );
}

/** Calls `back` with what was open once it is closed, after the dialog has given back the focus in its own way. */
function useReturn(open: string | undefined, back: (id: string) => void): void {
  const before = useRef(open);
  const latest = useRef(back);
  useEffect(() => {
    latest.current = back;
  });
  useEffect(() => {
    const last = before.current;
    before.current = open;
    if (open !== undefined || last === undefined) return;
    const timer = setTimeout(() => latest.current(last));
    return () => clearTimeout(timer);
  }, [open]);
}

function useOlder(query: Props["query"], near: boolean): void {
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  useEffect(() => {
    if (near && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [near, hasNextPage, isFetching, isError, fetchNextPage]);
}

function Spacer({ height }: { height: number }) {
  return (
    <tr>
      <td colSpan={COLUMNS.length} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
