/** A finished task from its beginning, at a chosen speed. */

import { Pause, Play, X } from "lucide-react";
import { useEffect, useMemo, useReducer, useState, useSyncExternalStore } from "react";
import { duration, percent } from "@/lib/format";
import { TaskLog } from "@/live/tasklog";
import { Button, IconButton } from "@/ui/button";
import { Meter } from "@/ui/meter";
import { Segmented } from "@/ui/segmented";
import { ErrorPanel } from "@/ui/states";
import { Feed } from "./feed";
import { Moment } from "./moment";
import {
  countAt,
  LONGEST_WAIT,
  type Replay,
  type ReplayAct,
  replayed,
  replayTimes,
  SPEEDS,
  START,
} from "./replay";
import { CallTexts } from "./texts";
import { useRows } from "./use-log";
import { useReader, useReaderKeys } from "./use-reader";

export function ReplayView({ taskId, onClose }: { taskId: string; onClose: () => void }) {
  const { log, view } = useWhole(taskId);
  const newest = view.events.at(-1)?.seq ?? 0;
  const loaded = newest === 0 ? 0 : view.events.length / newest;
  const whole = !view.loading && !view.more && view.problem === null;
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2">
      {whole ? (
        <Player taskId={taskId} events={view.events} onClose={onClose} />
      ) : (
        <div className="flex flex-col gap-3 rounded-lg border border-line bg-surface p-4">
          {view.problem ? (
            <ErrorPanel
              problem={view.problem}
              onRetry={() => void (newest === 0 ? log.load() : log.older())}
            />
          ) : (
            <>
              <p className="m-0">Loading all events for the replay: {percent(loaded)}</p>
              <Meter share={loaded} label="events loaded" />
            </>
          )}
          <Button className="self-start" onClick={onClose}>
            Leave the replay
          </Button>
        </div>
      )}
    </div>
  );
}

/** All events of the task, page by page. */
function useWhole(taskId: string) {
  const log = useMemo(() => new TaskLog(taskId), [taskId]);
  useEffect(() => log.start(), [log]);
  const view = useSyncExternalStore(log.watch, log.snapshot);
  const { more, loading, problem } = view;
  useEffect(() => {
    if (more && !loading && problem === null) void log.older(500);
  }, [log, more, loading, problem]);
  return { log, view };
}

const NOTHING: ReadonlyMap<string, string> = new Map();
const nothing = () => undefined;

function Player(props: { taskId: string; events: TaskLogEvents; onClose: () => void }) {
  const { taskId, events, onClose } = props;
  const times = useMemo(() => replayTimes(events), [events]);
  const [state, act] = useReducer(replayed, START);
  const length = times.at(-1) ?? 0;
  useEffect(() => act({ do: "begin", length }), [length]);
  useFrames(state.playing, act);
  const count = countAt(times, state.at);
  const shown = useMemo(() => events.slice(0, count), [events, count]);
  const rows = useRows(shown);
  const texts = useMemo(() => new CallTexts(taskId), [taskId]);
  const reader = useReader(true);
  useReaderKeys(reader, rows, async () => []);
  return (
    <>
      <Controls state={state} act={act} count={count} of={events.length} onClose={onClose} />
      <div className="relative min-h-0 flex-1 overflow-hidden rounded-lg border border-line bg-surface shadow-card">
        <Moment value={shown.at(-1)?.ts ?? 0}>
          <Feed
            rows={rows}
            texts={texts}
            writing={NOTHING}
            busy={false}
            more={false}
            following={reader.following}
            onFollow={reader.follow}
            onOlder={nothing}
            goal={reader.goal}
            marked={null}
            open={reader.open}
            onToggle={reader.toggle}
            onActive={reader.setActive}
          />
        </Moment>
      </div>
    </>
  );
}

type TaskLogEvents = ReturnType<TaskLog["snapshot"]>["events"];

/** Ten times a second, for as long as it plays. */
function useFrames(playing: boolean, act: (act: ReplayAct) => void): void {
  useEffect(() => {
    if (!playing) return;
    let before = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      act({ do: "tick", seconds: (now - before) / 1000 });
      before = now;
    }, 100);
    return () => clearInterval(timer);
  }, [playing, act]);
}

const SPEED_LABELS = SPEEDS.map((value) => ({ value, label: value === "instant" ? "Instant" : `${value}×` }));

function Controls(props: {
  state: Replay;
  act: (act: ReplayAct) => void;
  count: number;
  of: number;
  onClose: () => void;
}) {
  const { state, act, count, of, onClose } = props;
  const [shortened] = useState(`Waits over ${LONGEST_WAIT} s are shortened`);
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-line bg-surface px-3 py-2">
      <IconButton label={state.playing ? "Pause" : "Play"} onClick={() => act({ do: "toggle" })}>
        {state.playing ? (
          <Pause aria-hidden="true" className="size-4" />
        ) : (
          <Play aria-hidden="true" className="size-4" />
        )}
      </IconButton>
      <Segmented
        label="Speed"
        value={state.speed}
        options={SPEED_LABELS}
        onChange={(speed) => act({ do: "speed", speed })}
      />
      <input
        type="range"
        aria-label="Time in the task"
        aria-valuetext={`${duration(state.at)} of ${duration(state.length)}`}
        title={shortened}
        min={0}
        max={state.length}
        step="any"
        value={state.at}
        onChange={(event) => act({ do: "seek", at: Number(event.target.value) })}
        className="h-6 min-w-40 flex-1 accent-[var(--accent)]"
      />
      <span className="text-xs text-muted tabular-nums">
        {duration(state.at)} of {duration(state.length)} · {count.toLocaleString("en")} of{" "}
        {of.toLocaleString("en")} events
      </span>
      <Button size="small" icon={<X aria-hidden="true" className="size-3.5" />} onClick={onClose}>
        Leave the replay
      </Button>
    </div>
  );
}
