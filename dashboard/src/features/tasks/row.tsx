import { Link } from "@tanstack/react-router";
import { ExternalLink, GitFork } from "lucide-react";
import { type KeyboardEvent, memo, type Ref, useEffect, useRef } from "react";
import { isFinal, type Task } from "@/api/types";
import { CostMeter } from "@/blocks/cost";
import { roundOf } from "@/blocks/rounds";
import { AgentBadge, StatusBadge } from "@/blocks/status";
import { usd } from "@/lib/format";
import { httpUrl, requestName } from "@/lib/links";
import { inert } from "@/lib/text";
import { Ago } from "@/ui/time";

interface RowProps {
  ref?: Ref<HTMLTableRowElement>;
  task: Task;
  index: number;
  chosen: boolean;
  /** The focus is to go to this row. */
  wanted: boolean;
  onFocus: (index: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onToggle: (id: string) => void;
}

export const TaskRow = memo(Row, (before, now) =>
  (["task", "index", "chosen", "wanted", "onToggle"] as const).every((name) => before[name] === now[name]),
);

function Row({ ref, task, index, chosen, wanted, onFocus, onKeyDown, onToggle }: RowProps) {
  return (
    <tr
      ref={ref}
      data-index={index}
      aria-rowindex={index + 2}
      className="relative hover:bg-sunken has-[a:focus-visible]:bg-sunken [&_td]:!align-middle max-md:[&_td]:!align-top"
    >
      <td className="!pr-0">
        <Choose task={task} chosen={chosen} onToggle={onToggle} />
      </td>
      <td>
        <StatusBadge status={task.status} />
      </td>
      <td className="w-full max-w-0 min-w-40 md:min-w-64">
        <Sentence task={task} wanted={wanted} onFocus={() => onFocus(index)} onKeyDown={onKeyDown} />
      </td>
      <td className="whitespace-nowrap text-muted">{task.workflow}</td>
      <td>
        {task.current_agent && task.status === "running" ? (
          <AgentBadge agent={task.current_agent} />
        ) : (
          <span className="text-muted">–</span>
        )}
      </td>
      <td className="whitespace-nowrap tabular-nums">{round(task)}</td>
      <td>
        <CostMeter spent={task.total_cost_usd} budget={task.budget_usd} />
      </td>
      <td className="whitespace-nowrap text-muted">
        <Ago ts={task.created_at} />
      </td>
      <td className="whitespace-nowrap">
        <RequestLink url={task.pr_url} />
      </td>
    </tr>
  );
}

/** There is none before the task has begun. */
function round(task: Task): string {
  if (task.status === "queued") return "–";
  return roundOf(task);
}

function Choose({ task, chosen, onToggle }: Pick<RowProps, "task" | "chosen" | "onToggle">) {
  const final = isFinal(task);
  return (
    <label
      className="relative z-[1] -m-1.5 flex size-8 items-center justify-center"
      title={final ? "It has ended: there is nothing to cancel" : undefined}
    >
      <input
        type="checkbox"
        aria-label={`Select ${inert(task.task_description).slice(0, 80)}`}
        className="size-4 accent-(--accent)"
        disabled={final}
        checked={chosen}
        onChange={() => onToggle(task.task_id)}
      />
    </label>
  );
}

function Sentence({
  task,
  wanted,
  onFocus,
  onKeyDown,
}: Pick<RowProps, "task" | "wanted" | "onKeyDown"> & { onFocus: () => void }) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (wanted) link.current?.focus();
  }, [wanted]);
  const sentence = inert(task.task_description);
  return (
    <>
      <Link
        ref={link}
        to="/tasks/$taskId"
        params={{ taskId: task.task_id }}
        onFocus={onFocus}
        onKeyDown={onKeyDown}
        title={sentence.slice(0, 500)}
        className="block text-text no-underline after:absolute after:inset-0 max-md:line-clamp-2 md:truncate"
      >
        {task.forked_from && (
          <GitFork aria-label="Fork of" role="img" className="mr-1 inline size-3.5 text-muted" />
        )}
        {sentence.slice(0, 300)}
      </Link>
      <div className="mt-0.5 flex flex-wrap items-center gap-x-2 text-xs text-muted md:hidden">
        <span className="tabular-nums">
          {usd(task.total_cost_usd)} of {usd(task.budget_usd)}
        </span>
        <Ago ts={task.created_at} />
        {task.current_agent && task.status === "running" && <AgentBadge agent={task.current_agent} />}
        <RequestLink url={task.pr_url} quiet />
      </div>
    </>
  );
}

/** The pull request; one that is kept on this machine is no link. */
export function RequestLink({ url, quiet }: { url: string | null; quiet?: boolean }) {
  const address = httpUrl(url);
  if (!address && url) return <span title={inert(url)}>local</span>;
  if (!address) return quiet ? null : <span className="text-muted">–</span>;
  return (
    <a
      href={address}
      target="_blank"
      rel="noreferrer"
      className="relative z-[1] inline-flex min-h-6 items-center gap-1 text-accent"
    >
      {requestName(address)}
      <ExternalLink aria-label="opens in a new tab" role="img" className="size-3" />
    </a>
  );
}
