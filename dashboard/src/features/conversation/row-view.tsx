import { ChevronDown, ChevronRight, Link2 } from "lucide-react";
import { type CSSProperties, memo, type Ref } from "react";
import { agentHue } from "@/blocks/status";
import { absolute } from "@/lib/format";
import { IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { toast } from "@/ui/toast";
import { copyText } from "./bounded";
import { CallBubbles } from "./call-row";
import { Note } from "./note-row";
import type { Row } from "./rows";
import type { CallTexts } from "./texts";
import { Turn } from "./turn-row";

export interface RowProps {
  row: Row;
  index: number;
  texts: CallTexts;
  writing?: string;
  open: boolean;
  /** It is what the address names. */
  marked: boolean;
  onToggle: (key: string) => void;
  onFocus: (key: string) => void;
  style?: CSSProperties;
  ref?: Ref<HTMLElement>;
}

/** A row of the feed, with what can be done to it. */
export const RowView = memo(function RowView(props: RowProps) {
  const { row, index, open, marked, onToggle, onFocus, style, ref } = props;
  const rail = row.inTurn || row.kind === "turn" ? row.agent : null;
  return (
    <article
      ref={ref}
      style={style}
      data-index={index}
      data-key={row.key}
      tabIndex={-1}
      aria-posinset={index + 1}
      aria-setsize={-1}
      aria-label={labelOf(row)}
      aria-current={marked || undefined}
      onFocus={() => onFocus(row.key)}
      className={cx(
        "group relative w-full border-l-3 border-l-transparent pr-1 pl-2.5 -outline-offset-2 focus-visible:bg-sunken sm:pr-2 sm:pl-3",
        row.kind === "turn" ? "border-t border-t-line pt-2 pb-1" : "py-1",
        marked && "bg-accent-soft",
      )}
    >
      <span
        aria-hidden="true"
        className="absolute inset-y-0 -left-[3px] w-[3px]"
        style={{ background: rail === null ? "transparent" : agentHue(rail) }}
      />
      <div className="flex items-start gap-1">
        <div className="min-w-0 flex-1">
          <Body {...props} />
        </div>
        <Tools row={row} open={open} onToggle={onToggle} />
      </div>
    </article>
  );
});

function Body({ row, texts, writing, open }: RowProps) {
  switch (row.kind) {
    case "turn":
      return <Turn row={row} />;
    case "call":
      return <CallBubbles row={row} texts={texts} writing={writing} open={open} />;
    case "note":
      return <Note row={row} open={open} />;
  }
}

function Tools({ row, open, onToggle }: Pick<RowProps, "row" | "open" | "onToggle">) {
  const opens = row.kind === "note" || (row.kind === "call" && row.end !== null);
  return (
    <div
      className={cx(
        "flex shrink-0 items-center",
        row.kind === "call" && "absolute top-0.5 right-1 sm:right-2",
      )}
    >
      <button
        type="button"
        title={`${absolute(row.ts)}: copy a link to event ${row.seq}`}
        aria-label={`Copy a link to event ${row.seq}`}
        onClick={() => void copyLink(row.seq)}
        className="inline-flex min-h-7 min-w-7 items-center justify-end gap-1 rounded border-0 bg-transparent px-1 text-xs text-muted tabular-nums hover:bg-sunken"
      >
        <Link2
          aria-hidden="true"
          className="size-3.5 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 max-sm:hidden"
        />
        {row.seq}
      </button>
      {opens ? (
        <IconButton
          label={open ? "Show less" : "Show all of it"}
          aria-expanded={open}
          onClick={() => onToggle(row.key)}
          className="!min-h-7 !min-w-7"
        >
          {open ? (
            <ChevronDown aria-hidden="true" className="size-4" />
          ) : (
            <ChevronRight aria-hidden="true" className="size-4" />
          )}
        </IconButton>
      ) : (
        <span className="w-7" />
      )}
    </div>
  );
}

async function copyLink(seq: number): Promise<void> {
  const url = new URL(location.href);
  url.hash = `e${seq}`;
  if (await copyText(url.href)) toast(`Link to event ${seq} copied`);
}

function labelOf(row: Row): string {
  if (row.kind === "turn") return `Event ${row.seq}: ${row.agent} ${row.step}`;
  if (row.kind === "call") return `Event ${row.seq}: model call of ${row.agent}, ${row.state}`;
  return `Event ${row.seq}: ${row.event.type}`;
}
