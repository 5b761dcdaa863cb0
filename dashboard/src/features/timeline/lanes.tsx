import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Span, TaskTimeline } from "@/api/types";
import { duration } from "@/lib/format";
import { inert } from "@/lib/text";
import { cx } from "@/ui/cx";
import { type Axis, axisOf, type Bar, type Direction, type Lane, lanesOf, neighbour, ticksOf } from "./axis";
import { laneHue, laneTitle, SpanIcon, spanLabel } from "./look";
import { Retries } from "./retries";
import { HEAD, LABEL, LANE_GAP, ROW, useZoom, type Zoom } from "./zoom";

interface LanesProps {
  timeline: TaskTimeline;
  now: number;
  zoom: Zoom;
  selected: string | null;
  onSelect: (span: Span) => void;
  onOpen: (span: Span) => void;
}

const KEYS: Record<string, Direction> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
};

export function Lanes({ timeline, now, zoom, selected, onSelect, onOpen }: LanesProps) {
  const { spans, future, retries } = timeline;
  const { scroller, width } = useZoom(zoom);
  const axis = useMemo(() => axisOf(spans, now), [spans, now]);
  const lanes = useMemo(() => lanesOf(spans, future, axis, now, width), [spans, future, axis, now, width]);
  const [hovered, setHovered] = useState<Span | null>(null);
  const current = spans.find((span) => span.span_id === selected);
  const tab = current?.span_id ?? spans[0]?.span_id;
  const onKey = (event: KeyboardEvent) => {
    const direction = KEYS[event.key];
    const from = (event.target as HTMLElement).dataset.span;
    if (!direction || from === undefined) return;
    event.preventDefault();
    const to = neighbour(lanes, from, direction);
    if (to) scroller.current?.querySelector<HTMLElement>(`[data-span="${CSS.escape(to)}"]`)?.focus();
  };
  useRevealed(scroller, selected);
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the bars within */}
      <div ref={scroller} className="relative overflow-x-auto pb-2" onKeyDown={onKey}>
        <div className="relative" style={{ width: LABEL + width + 8, paddingTop: HEAD }}>
          <Ticks axis={axis} width={width} />
          {lanes.map((lane) => (
            <LaneRow key={lane.name} lane={lane} width={width}>
              {lane.bars.map((bar) => (
                <SpanBar
                  key={bar.span.span_id}
                  bar={bar}
                  label={spanLabel(bar.span, now)}
                  tab={bar.span.span_id === tab}
                  selected={bar.span.span_id === selected}
                  onHover={setHovered}
                  onSelect={onSelect}
                  onOpen={onOpen}
                />
              ))}
            </LaneRow>
          ))}
          <Retries lanes={lanes} retries={retries} width={width} />
        </div>
      </div>
      <Details span={hovered ?? current ?? null} now={now} />
    </>
  );
}

/** The bar that the address names is in view. */
function useRevealed(scroller: React.RefObject<HTMLElement | null>, selected: string | null): void {
  const first = useRef(selected);
  useEffect(() => {
    if (first.current === null) return;
    const bar = scroller.current?.querySelector(`[data-span="${CSS.escape(first.current)}"]`);
    bar?.scrollIntoView({ block: "nearest", inline: "center" });
    first.current = null;
  }, [scroller]);
}

function Ticks({ axis, width }: { axis: Axis; width: number }) {
  const scale = width / axis.length;
  const ticks = ticksOf(axis, width / 90);
  return (
    <div aria-hidden="true" className="pointer-events-none absolute inset-y-0" style={{ left: LABEL, width }}>
      {axis.breaks.map((each) => (
        <div
          key={each.from}
          className="hatched absolute bottom-0 overflow-hidden border-x border-dashed border-line-strong text-center text-[11px] whitespace-nowrap text-muted"
          style={{ left: each.at * scale, width: each.drawn * scale, top: 0 }}
        >
          <span className="bg-surface px-1">{duration(each.to - each.from)}</span>
        </div>
      ))}
      {ticks.map((tick) => (
        <div
          key={tick.passed}
          className="absolute inset-y-0 border-l border-line pl-1 text-[11px] whitespace-nowrap text-muted tabular-nums"
          style={{ left: tick.at * scale }}
        >
          {width - tick.at * scale > 80 && duration(tick.passed)}
        </div>
      ))}
    </div>
  );
}

function LaneRow({ lane, width, children }: { lane: Lane; width: number; children: React.ReactNode }) {
  return (
    <div className="relative flex" style={{ height: lane.rows * ROW + LANE_GAP }}>
      <div
        className="sticky left-0 z-10 flex items-center gap-1.5 border-t border-line bg-surface pr-2 text-xs font-medium"
        style={{ width: LABEL }}
      >
        <span
          aria-hidden="true"
          className="h-4 w-1 rounded"
          style={{ background: lane.future ? "var(--line)" : laneHue(lane.name) }}
        />
        <span className={cx("truncate", lane.future && "font-normal text-muted")}>
          {laneTitle(lane.name)}
        </span>
      </div>
      <div className="relative border-t border-line" style={{ width }}>
        {lane.future && (
          <span className="sticky left-[120px] inline-block rounded border border-dashed border-line-strong px-2 text-xs leading-6 text-muted">
            not begun
          </span>
        )}
        {children}
      </div>
    </div>
  );
}

const LOOKS: Record<Span["status"], string> = {
  running: "border-info",
  done: "border-line-strong",
  failed: "border-bad border-2",
  waiting: "hatched border-warn",
  not_executed: "border-dashed border-warn",
};

function SpanBar(props: {
  bar: Bar;
  label: string;
  tab: boolean;
  selected: boolean;
  onHover: (span: Span | null) => void;
  onSelect: (span: Span) => void;
  onOpen: (span: Span) => void;
}) {
  const { bar, label, tab, selected, onHover, onSelect, onOpen } = props;
  const { span } = bar;
  const wait = span.kind === "wait";
  return (
    <button
      type="button"
      data-span={span.span_id}
      tabIndex={tab ? 0 : -1}
      aria-label={label}
      onClick={() => onOpen(span)}
      onFocus={() => onSelect(span)}
      onMouseEnter={() => onHover(span)}
      onMouseLeave={() => onHover(null)}
      className={cx(
        "absolute flex items-center gap-1 overflow-hidden rounded border px-0.5 text-left text-xs text-text focus-visible:z-20",
        wait && "hatched",
        LOOKS[span.status],
        selected && "z-10 ring-2 ring-accent",
      )}
      style={{
        left: bar.left,
        width: bar.width,
        top: bar.row * ROW + LANE_GAP / 2,
        height: ROW - 2,
        ...(wait ? {} : { background: `color-mix(in srgb, ${laneHue(span.lane)} 24%, var(--surface))` }),
      }}
    >
      {bar.width >= 22 && <SpanIcon span={span} />}
      {bar.width >= 56 && <span className="truncate">{inert(span.title)}</span>}
    </button>
  );
}

/** What the bar under the pointer or in focus stands for; its place is there before it is. */
function Details({ span, now }: { span: Span | null; now: number }) {
  return (
    <div className="mt-1 min-h-[3.2rem] border-t border-line pt-2 text-[13px]">
      {span === null ? (
        <p className="m-0 text-muted">
          Point at a bar to see what it took; press it to read the conversation from there.
        </p>
      ) : (
        <>
          <p className="m-0 font-medium break-words">{spanLabel(span, now)}</p>
          <p className="m-0 line-clamp-2 break-words text-muted">{inert(span.summary.slice(0, 600))}</p>
        </>
      )}
    </div>
  );
}
