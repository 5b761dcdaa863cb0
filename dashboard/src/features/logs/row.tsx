import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, type Ref, useEffect, useRef } from "react";
import type { Interaction } from "@/api/types";
import { ModelName } from "@/blocks/model";
import { AgentBadge } from "@/blocks/status";
import { duration, short, usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Ago } from "@/ui/time";
import { CallOutcome } from "./call-words";

interface Props {
  ref?: Ref<HTMLTableRowElement>;
  call: Interaction;
  index: number;
  /** The focus is to go to this row. */
  wanted: boolean;
  onFocus: (index: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onOpen: (id: string) => void;
}

const NUMBER = "whitespace-nowrap text-right tabular-nums";

/** One call; its prompt's name opens it, and so does the whole row. */
export function CallRow({ ref, call, index, wanted, onFocus, onKeyDown, onOpen }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (wanted) button.current?.focus();
  }, [wanted]);
  const { input_tokens = 0, output_tokens = 0 } = call.usage ?? {};
  return (
    <tr
      ref={ref}
      data-index={index}
      aria-rowindex={index + 2}
      className="relative hover:bg-sunken has-[button:focus-visible]:bg-sunken [&_td]:!align-middle"
    >
      <td className="whitespace-nowrap text-muted">
        <Ago ts={call.ts} />
      </td>
      <td>
        <AgentBadge agent={call.agent} />
      </td>
      <td className="w-full max-md:max-w-0">
        <button
          ref={button}
          type="button"
          onFocus={() => onFocus(index)}
          onKeyDown={onKeyDown}
          onClick={() => onOpen(call.interaction_id)}
          className="block min-h-6 max-w-full truncate border-0 bg-transparent p-0 text-left font-mono text-[13px] text-text after:absolute after:inset-0"
        >
          {inert(call.prompt_name)}
        </button>
        <div className="flex flex-wrap gap-x-2 text-xs text-muted tabular-nums md:hidden">
          <Ago ts={call.ts} />
          <span>
            {short(input_tokens)} in, {short(output_tokens)} out
          </span>
          <span>{usd(call.cost_usd ?? 0)}</span>
          <span>{duration(call.seconds ?? 0)}</span>
        </div>
      </td>
      <td className="whitespace-nowrap">
        <ModelName model={call.model} short />
      </td>
      <td>
        <CallOutcome call={call} />
      </td>
      <td className={NUMBER}>{short(input_tokens)}</td>
      <td className={NUMBER}>{short(output_tokens)}</td>
      <td className={NUMBER}>{usd(call.cost_usd ?? 0)}</td>
      <td className={NUMBER}>{duration(call.seconds ?? 0)}</td>
      <td>
        <Link
          to="/tasks/$taskId"
          params={{ taskId: call.task_id }}
          title="The task of this call"
          className="relative z-[1] inline-flex min-h-6 items-center font-mono text-xs text-accent"
        >
          {call.task_id.slice(0, 8)}
        </Link>
      </td>
    </tr>
  );
}
