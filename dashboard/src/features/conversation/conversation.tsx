/** The live conversation of a task, as the address says which of it. */

import { Link } from "@tanstack/react-router";
import { ArrowDownToLine, Play, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { LogView, TaskLog } from "@/live/tasklog";
import { Button } from "@/ui/button";
import { Empty, ErrorPanel, Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";
import { Feed } from "./feed";
import { Filters } from "./filters";
import { indexOfSeq, type Row, RowCache } from "./rows";
import { CallTexts } from "./texts";
import { useLog, type Wanted } from "./use-log";
import { type Reader, useReader, useReaderKeys } from "./use-reader";

interface Props {
  taskId: string;
  wanted: Wanted;
  onWanted: (wanted: Wanted) => void;
  /** The number of the event that the address names. */
  target: number | null;
  /** Where the task is over: shows it again from its beginning. */
  onReplay?: () => void;
}

export function Conversation({ taskId, wanted, onWanted, target, onReplay }: Props) {
  const { log, view, rows } = useLog(taskId, wanted);
  const texts = useMemo(() => new CallTexts(taskId), [taskId]);
  const reader = useReader(target === null);
  useReaderKeys(reader, rows, () => findErrors(log));
  const marked = useTarget(log, view, rows, target, reader);
  const filtered = wanted.agent !== undefined || wanted.type !== undefined || wanted.q !== undefined;
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Filters wanted={wanted} onChange={onWanted} />
        {onReplay && (
          <Button icon={<Play aria-hidden="true" className="size-4" />} onClick={onReplay}>
            Replay
          </Button>
        )}
        <Button
          aria-pressed={reader.following}
          title="f"
          icon={<ArrowDownToLine aria-hidden="true" className="size-4" />}
          onClick={() => reader.follow(!reader.following)}
        >
          {reader.following ? "Following" : "Follow"}
        </Button>
      </div>
      {wanted.q && <SearchNote taskId={taskId} q={wanted.q} />}
      <Panel view={view} empty={rows.length === 0} filtered={filtered} onClear={() => onWanted({})} log={log}>
        <Feed
          rows={rows}
          texts={texts}
          writing={view.writing}
          busy={view.loading}
          more={view.more && view.problem === null}
          following={reader.following}
          onFollow={reader.follow}
          onOlder={() => void log.older()}
          goal={reader.goal}
          marked={marked}
          open={reader.open}
          onToggle={reader.toggle}
          onActive={reader.setActive}
        />
        {view.loading && <Pill>Loading older events</Pill>}
        {!reader.following && <ToEnd view={view} onClick={() => reader.follow(true)} />}
      </Panel>
    </div>
  );
}

/** The frame of the list, whatever is to be seen in it. */
export function Panel(props: {
  view: LogView;
  log: TaskLog;
  empty: boolean;
  filtered: boolean;
  onClear: () => void;
  children: ReactNode;
}) {
  const { view, log, empty, filtered, onClear, children } = props;
  const { problem, loading } = view;
  const retry = () => void (view.more ? log.older() : log.load());
  return (
    <>
      {problem && !empty && <ErrorPanel problem={problem} onRetry={retry} />}
      <div className="relative min-h-0 flex-1 overflow-hidden rounded-lg border border-line bg-surface shadow-card">
        {!empty ? (
          children
        ) : problem ? (
          <div className="p-4">
            <ErrorPanel problem={problem} onRetry={retry} />
          </div>
        ) : loading ? (
          <Skeleton lines={14} className="p-4" />
        ) : filtered ? (
          <Empty title="No event matches" action={<Button onClick={onClear}>Show all events</Button>}>
            Only events that fit all of the filters are shown.
          </Empty>
        ) : (
          <Empty title="Nothing has happened yet">
            Each turn of an agent, its prompts and answers, checks and questions appear here as they happen.
          </Empty>
        )}
      </div>
    </>
  );
}

function Pill({ children }: { children: ReactNode }) {
  return (
    <div className="pointer-events-none absolute inset-x-0 top-2 flex justify-center">
      <span className="rounded-full border border-line bg-raised px-3 py-0.5 text-xs text-muted shadow-card">
        {children}
      </span>
    </div>
  );
}

/** Back to the newest row, with how many came since one left it. */
function ToEnd({ view, onClick }: { view: LogView; onClick: () => void }) {
  const newest = view.events.at(-1)?.seq ?? 0;
  const left = useRef(newest);
  const came = newest - left.current;
  return (
    <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
      <Button
        kind={came > 0 ? "primary" : "secondary"}
        className="pointer-events-auto shadow-card"
        icon={<ArrowDownToLine aria-hidden="true" className="size-4" />}
        onClick={onClick}
      >
        {came > 0 ? `${came.toLocaleString("en")} new` : "To the newest"}
      </Button>
    </div>
  );
}

/** Events carry no texts of calls; those are searched in the logs. */
function SearchNote({ taskId, q }: { taskId: string; q: string }) {
  return (
    <p className="m-0 flex flex-wrap items-center gap-x-2 text-[13px] text-muted">
      <TriangleAlert aria-hidden="true" className="size-3.5" />
      Prompts and answers are not part of events.
      <Link
        to="/logs"
        search={{ task_id: taskId, q }}
        className="inline-flex min-h-6 items-center text-accent"
      >
        Search them in the logs
      </Link>
    </p>
  );
}

/** Have the event that the address names loaded, in view, open and marked. */
function useTarget(
  log: TaskLog,
  view: LogView,
  rows: Row[],
  target: number | null,
  reader: Reader,
): string | null {
  const done = useRef<number | null>(null);
  const { reveal, show } = reader;
  const oldest = view.events[0]?.seq;
  const index = target === null ? -1 : indexOfSeq(rows, target);
  const loaded = oldest !== undefined && target !== null && (oldest <= target || !view.more);
  const row = loaded ? (rows[index] ?? rows[0]) : undefined;
  useEffect(() => {
    if (target !== null && oldest !== undefined && !loaded) void log.reach(target);
  }, [log, target, oldest, loaded]);
  useEffect(() => {
    if (target === null || row === undefined || done.current === target) return;
    done.current = target;
    if (row.kind !== "turn") show(row.key);
    reveal(row.key);
  }, [target, row, reveal, show]);
  return row?.key ?? null;
}

/** Read back until there is an error, or nothing more. */
async function findErrors(log: TaskLog): Promise<Row[]> {
  for (;;) {
    const { events, more, problem } = log.snapshot();
    const rows = new RowCache().of(events);
    if (rows.some((row) => row.bad)) return rows;
    if (!more || problem !== null) {
      toast("No event of this task is an error");
      return [];
    }
    await log.older();
  }
}
