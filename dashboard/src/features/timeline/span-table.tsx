import { Link } from "@tanstack/react-router";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useMemo, useState } from "react";
import type { Span } from "@/api/types";
import { absolute, duration, short, usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Table } from "@/ui/table";
import { endOf } from "./axis";
import { laneTitle, SpanBadge, statusWord } from "./look";

export const COLUMNS = ["Who", "What", "Round", "Began", "Took", "Status", "Cost", "Tokens"] as const;
export type Column = (typeof COLUMNS)[number];

const VALUES: Record<Column, (span: Span, now: number) => number | string> = {
  Who: (span) => laneTitle(span.lane),
  What: (span) => span.title,
  Round: (span) => span.iteration,
  Began: (span) => span.started_at,
  Took: (span, now) => endOf(span, now) - span.started_at,
  Status: statusWord,
  Cost: (span) => span.cost_usd,
  Tokens: (span) => span.tokens,
};

export function sorted(spans: readonly Span[], by: Column, down: boolean, now: number): Span[] {
  const value = VALUES[by];
  const order = [...spans].sort((a, b) => {
    const [first, second] = [value(a, now), value(b, now)];
    const compared =
      typeof first === "number" && typeof second === "number"
        ? first - second
        : String(first).localeCompare(String(second));
    return compared || a.first_seq - b.first_seq;
  });
  return down ? order.reverse() : order;
}

/** The timeline as a table. */
export function SpanTable({ spans, now }: { spans: readonly Span[]; now: number }) {
  const [{ by, down }, setSort] = useState<{ by: Column; down: boolean }>({ by: "Began", down: false });
  const rows = useMemo(() => sorted(spans, by, down, now), [spans, by, down, now]);
  return (
    <Table
      label="Timeline as a table"
      sorted={COLUMNS.map((column) => (column === by ? (down ? "descending" : "ascending") : undefined))}
      head={COLUMNS.map((column) => (
        <button
          key={column}
          type="button"
          onClick={() => setSort({ by: column, down: column === by && !down })}
          className="inline-flex min-h-6 items-center gap-1 border-0 bg-transparent p-0 font-medium text-muted hover:text-text"
        >
          {column}
          {column === by &&
            (down ? (
              <ArrowDown aria-hidden="true" className="size-3" />
            ) : (
              <ArrowUp aria-hidden="true" className="size-3" />
            ))}
        </button>
      ))}
    >
      {rows.map((span) => (
        <tr key={span.span_id}>
          <td className="whitespace-nowrap">{laneTitle(span.lane)}</td>
          <td className="min-w-48">
            <Link
              from="/tasks/$taskId"
              to="/tasks/$taskId"
              hash={`e${span.first_seq}`}
              className="inline-block min-h-6 text-accent"
            >
              {inert(span.title)}
            </Link>
            {span.summary && (
              <div className="line-clamp-2 text-xs break-words text-muted">
                {inert(span.summary.slice(0, 400))}
              </div>
            )}
          </td>
          <td>{span.iteration + 1}</td>
          <td className="whitespace-nowrap tabular-nums">{absolute(span.started_at)}</td>
          <td className="whitespace-nowrap tabular-nums">{duration(endOf(span, now) - span.started_at)}</td>
          <td>
            <SpanBadge span={span} />
          </td>
          <td className="tabular-nums">{usd(span.cost_usd)}</td>
          <td className="tabular-nums">{span.tokens > 0 ? short(span.tokens) : "–"}</td>
        </tr>
      ))}
    </Table>
  );
}
