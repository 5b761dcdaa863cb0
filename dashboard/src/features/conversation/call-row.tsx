import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleHelp, CircleX, Loader, MessageSquareText, Sparkles } from "lucide-react";
import { type ReactNode, useEffect, useSyncExternalStore } from "react";
import { queries } from "@/api/queries";
import type { CallView, Interaction } from "@/api/types";
import { AgentBadge } from "@/blocks/status";
import { duration, short, usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Badge, type Tone } from "@/ui/badge";
import { cx } from "@/ui/cx";
import { QueryPanel, Skeleton } from "@/ui/states";
import { BoundedText } from "./bounded";
import { Running } from "./moment";
import type { CallRow, CallState } from "./rows";
import type { CallTexts } from "./texts";

const PROMPT_SHOWN = 360;
const ANSWER_SHOWN = 900;
/** Of an answer that is being written, its end. */
const WRITING_SHOWN = 1_200;

const STATES: Record<CallState, { tone: Tone; word: string; Icon: typeof Loader }> = {
  running: { tone: "info", word: "Thinking", Icon: Loader },
  done: { tone: "ok", word: "Answered", Icon: CircleCheck },
  failed: { tone: "bad", word: "Failed", Icon: CircleX },
  lost: { tone: "neutral", word: "No end recorded", Icon: CircleHelp },
};

/** The beginning of a call's texts, while the row is there. */
function useText(texts: CallTexts, row: CallRow): CallView | null | undefined {
  const { callId } = row;
  const ended = row.end !== null;
  useEffect(() => (ended ? texts.want(callId) : undefined), [texts, callId, ended]);
  return useSyncExternalStore(texts.watch, () => texts.get(callId));
}

export function CallBubbles(props: { row: CallRow; texts: CallTexts; writing?: string; open: boolean }) {
  const { row, texts, writing, open } = props;
  const text = useText(texts, row);
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <CallFacts row={row} />
      {row.end?.error && (
        <p className="m-0 text-[13px] break-words text-bad">{inert(row.end.error).slice(0, 1_000)}</p>
      )}
      {open && row.end ? (
        <WholeCall callId={row.callId} />
      ) : (
        <>
          <Bubble kind="prompt" title={`Prompt · ${row.promptName}`} size={text?.prompt_chars}>
            <Beginning row={row} text={text} of={text?.prompt} most={PROMPT_SHOWN} lines={2} />
          </Bubble>
          <Bubble kind="response" title="Response" size={text?.answer_chars}>
            {row.state === "running" ? (
              <Writing text={writing} />
            ) : (
              <Beginning row={row} text={text} of={text?.answer} most={ANSWER_SHOWN} lines={6} />
            )}
          </Bubble>
        </>
      )}
    </div>
  );
}

/** Who was asked, and what it took. */
function CallFacts({ row }: { row: CallRow }) {
  const { tone, word, Icon } = STATES[row.state];
  const running = row.state === "running";
  return (
    <div className="flex min-h-6 flex-wrap items-center gap-x-2.5 gap-y-1 pr-24 text-xs text-muted">
      <AgentBadge agent={row.agent} />
      <Badge tone={tone} icon={<Icon aria-hidden="true" className={cx("size-3.5", running && "pulse")} />}>
        {word}
      </Badge>
      <span className="[overflow-wrap:anywhere]">{row.model}</span>
      {running && <Running from={row.ts} />}
      {row.end && <Taken end={row.end} />}
    </div>
  );
}

function Taken({ end }: { end: NonNullable<CallRow["end"]> }) {
  const { input_tokens, output_tokens, cache_read_tokens } = end.usage;
  const cached = cache_read_tokens > 0 ? `, ${short(cache_read_tokens)} from cache` : "";
  return (
    <>
      <span className="tabular-nums">
        {short(input_tokens)} tokens in{cached}, {short(output_tokens)} out
      </span>
      <span className="tabular-nums">{usd(end.cost_usd)}</span>
      <span className="tabular-nums">{duration(end.seconds)}</span>
    </>
  );
}

function Bubble(props: { kind: "prompt" | "response"; title: string; size?: number; children: ReactNode }) {
  const { kind, title, size, children } = props;
  const Icon = kind === "prompt" ? MessageSquareText : Sparkles;
  return (
    <div
      className={cx(
        "min-w-0 rounded-md border border-line px-2.5 py-1.5",
        kind === "prompt" ? "bg-sunken sm:mr-10" : "bg-surface sm:ml-10",
      )}
    >
      <div className="mb-0.5 flex items-center gap-1.5 text-xs text-muted">
        <Icon aria-hidden="true" className="size-3.5 shrink-0" />
        <span className="min-w-0 truncate">{title}</span>
        {size !== undefined && <span className="shrink-0">· {short(size)} characters</span>}
      </div>
      {children}
    </div>
  );
}

/** A text that is on its way has the room that most take. */
const HEIGHTS = { 2: "h-[2lh] text-[13px]", 6: "h-[6lh] text-[13px]" } as const;
const CLAMP = { 2: "line-clamp-2 min-h-[2lh]", 6: "line-clamp-6" } as const;

function Beginning(props: {
  row: CallRow;
  text: CallView | null | undefined;
  of: string | undefined;
  most: number;
  lines: keyof typeof CLAMP;
}) {
  const { row, text, of, most, lines } = props;
  if (row.end === null) return <Quiet>The prompt can be read once the call has ended.</Quiet>;
  if (text === undefined)
    return <Skeleton lines={lines === 2 ? 1 : 4} className={cx("py-1", HEIGHTS[lines])} />;
  if (text === null) return <Quiet>Not recorded.</Quiet>;
  if (of === "") return <Quiet>Empty.</Quiet>;
  return (
    <div className={cx("text-[13px] whitespace-pre-wrap [overflow-wrap:anywhere]", CLAMP[lines])}>
      {inert((of ?? "").slice(0, most))}
    </div>
  );
}

function Quiet({ children }: { children: ReactNode }) {
  return <div className="text-[13px] text-muted">{children}</div>;
}

/** The answer as it is being written: its end, in a box that does not grow. */
function Writing({ text }: { text?: string }) {
  if (!text) {
    return (
      <div className="pulse text-[13px] text-muted" data-testid="thinking">
        Thinking…
      </div>
    );
  }
  return (
    <div
      className="flex h-[6lh] flex-col justify-end overflow-hidden text-[13px] whitespace-pre-wrap [overflow-wrap:anywhere]"
      data-testid="writing"
    >
      <div>{inert(text.slice(-WRITING_SHOWN))}</div>
    </div>
  );
}

const ROLES = { system: "System prompt", user: "Prompt", assistant: "Earlier answer" } as const;

/** All that was said in a call. */
function WholeCall({ callId }: { callId: string }) {
  const query = useQuery(queries.call(callId));
  return (
    <QueryPanel query={query} skeleton={<Skeleton lines={8} />}>
      {(call) => (
        <div className="flex flex-col gap-2">
          {call.messages.map((message, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: messages of an ended call do not move
            <Said key={index} message={message} />
          ))}
          <BoundedText label="Response" text={call.response} />
        </div>
      )}
    </QueryPanel>
  );
}

/** What was said; the system prompt, which is much the same in every call, only when it is asked for. */
function Said({ message: { role, content } }: { message: Interaction["messages"][number] }) {
  const label = ROLES[role];
  if (role !== "system") return <BoundedText label={label} text={content} />;
  return (
    <details>
      <summary className="min-h-6 text-xs text-muted">
        {label} · {short(content.length)} characters
      </summary>
      <BoundedText label={label} text={content} />
    </details>
  );
}
