import { CircleAlert } from "lucide-react";
import { useState } from "react";
import { isFinal, type Task } from "@/api/types";
import { CostMeter } from "@/blocks/cost";
import { roundOf } from "@/blocks/rounds";
import { AgentBadge, StatusBadge } from "@/blocks/status";
import { short, usd } from "@/lib/format";
import { inert, plain } from "@/lib/text";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Elapsed } from "@/ui/time";
import { TaskActions } from "./actions";
import { Outcome } from "./outcome";

export function TaskHeader({ task }: { task: Task }) {
  return (
    <header className="flex flex-col gap-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <Title text={inert(task.task_description)} />
        <TaskActions task={task} />
      </div>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-2">
        <Facts task={task} />
        <div className="w-full sm:w-56">
          <CostMeter spent={task.total_cost_usd} budget={task.budget_usd} />
        </div>
        <ForecastNote task={task} />
        <Outcome task={task} />
      </div>
      {task.error && (
        <div
          role="alert"
          className="flex items-start gap-2 rounded-md border border-bad bg-bad-soft px-3 py-2 text-text"
        >
          <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-bad" />
          <p className="m-0 max-h-60 min-w-0 overflow-auto break-words whitespace-pre-wrap">
            {plain(task.error)}
          </p>
        </div>
      )}
    </header>
  );
}

/** Longer sentences are cut to two lines until they are wanted whole. */
const LONG = 150;

function Title({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const long = text.length > LONG || text.includes("\n");
  return (
    <div className="min-w-0 flex-1 basis-80">
      <h1
        className={cx(
          "m-0 text-lg font-semibold break-words whitespace-pre-wrap",
          long && !whole && "line-clamp-2",
          whole && "max-h-[50dvh] overflow-auto",
        )}
      >
        {text}
      </h1>
      {long && (
        <Button kind="ghost" size="small" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? "Show less" : "Show the whole sentence"}
        </Button>
      )}
    </div>
  );
}

function Facts({ task }: { task: Task }) {
  const begun = task.status !== "queued";
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-muted">
      <StatusBadge status={task.status} />
      {task.current_agent && task.status === "running" && <AgentBadge agent={task.current_agent} />}
      {begun && <span>Round {roundOf(task)}</span>}
      <span title={isFinal(task) ? "from submission to the end" : "since it was submitted"}>
        <Elapsed from={task.created_at} to={isFinal(task) ? task.updated_at : null} />
      </span>
      <span>{task.workflow}</span>
      {!task.use_sandbox && <span className="text-warn">No sandbox: nothing was run</span>}
      {task.total_tokens > 0 && <span>{short(task.total_tokens)} tokens</span>}
    </div>
  );
}

const BASIS = {
  same_models: "from finished tasks with these models",
  other_models: "from finished tasks with other models",
  shipped: "from builds that were measured before this release",
};

/** What the task was expected to take, while that still says something. */
function ForecastNote({ task: { forecast, ...task } }: { task: Task }) {
  if (!forecast || isFinal(task)) return null;
  const { usd: money, tokens } = forecast;
  const range =
    money.high > 0
      ? `${usd(money.low)} to ${usd(money.high)}`
      : `${short(Math.round(tokens.low))} to ${short(Math.round(tokens.high))} tokens`;
  return (
    <span className="text-xs text-muted" title={`${BASIS[forecast.source]} (${forecast.tasks})`}>
      Expected {range}
    </span>
  );
}
