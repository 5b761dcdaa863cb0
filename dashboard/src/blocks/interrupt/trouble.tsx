/** Why a task stands still: money, a model that fails, or rounds that change nothing. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { queries } from "@/api/queries";
import type { TaskTests } from "@/api/types";
import { CostMeter } from "@/blocks/cost";
import { roundTitle } from "@/blocks/rounds";
import { absolute, agentTitle, plural, usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Findings } from "./findings";
import { Line, Lines, Part } from "./part";
import type { Standstill, Trouble } from "./payload";

export function TroubleView({ trouble }: { trouble: Trouble }) {
  return (
    <div className="grid min-w-0 gap-4 @2xl:grid-cols-2 @2xl:gap-x-8">
      <Money trouble={trouble} />
      <Part title="What is stopped">
        <Said said={trouble.reasons} />
      </Part>
    </div>
  );
}

const WHOSE: Record<string, string> = {
  task: "This task's budget",
  day: "Today's budget of all tasks",
  caller: "Today's budget of this caller",
};

function Money({ trouble }: { trouble: Trouble }) {
  const { cap, spent, reserved, needed, kept, rest, opensAt } = trouble;
  const rows: [string, string][] = [
    ["Set aside for calls", usd(reserved)],
    ["The next call may need", usd(needed)],
    ["Kept for reading replies", usd(kept)],
  ].filter((row): row is [string, string] => row[1] !== "$0");
  if (rest) rows.push(["To the end, more", `${usd(rest.low)} to ${usd(rest.high)}`]);
  if (rest) rows.push(["Projected in all", `${usd(spent + rest.low)} to ${usd(spent + rest.high)}`]);
  if (opensAt !== null) rows.push(["A new day's budget begins", absolute(opensAt)]);
  return (
    <Part title={WHOSE[trouble.scope] ?? "Budget"}>
      {cap === null ? <div>{usd(spent)} spent</div> : <CostMeter spent={spent} budget={cap} />}
      <dl className="m-0 mt-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="m-0 tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {rest?.basis && <div className="mt-1 text-xs text-muted">Projection: {inert(rest.basis)}.</div>}
    </Part>
  );
}

function Said({ said }: { said: [agent: string, words: string][] }) {
  return (
    <Lines>
      {said.map(([agent, words]) => (
        <li key={agent} className="min-w-0 break-words">
          <span className="font-medium">{agentTitle(agent)}</span>{" "}
          <span className="text-muted">{inert(words) || "gave no reason"}</span>
        </li>
      ))}
    </Lines>
  );
}

export function StandstillView({ standstill, taskId }: { standstill: Standstill; taskId: string }) {
  const { reason, open, loops, objections } = standstill;
  return (
    <div className="grid min-w-0 gap-4 @2xl:grid-cols-2 @2xl:gap-x-8">
      <Part title={`Still open: ${plural(open.length, "finding")}`}>
        {open.length > 0 ? (
          <Findings findings={open} taskId={taskId} />
        ) : (
          <span className="text-muted">None was kept.</span>
        )}
      </Part>
      <div className="flex min-w-0 flex-col gap-4">
        <Part title="Why it does not go on by itself">
          <p className="m-0 break-words">{inert(reason) || "No reason was given."}</p>
          <Lines>
            {loops.map((loop) => (
              <Line key={loop.says} icon={<RotateCcw aria-hidden="true" className="size-4 text-muted" />}>
                {inert(loop.says)}
                {loop.iterations.length > 0 && (
                  <span className="text-muted">
                    {" "}
                    ({loop.iterations.map(roundTitle).join(", ").toLowerCase()})
                  </span>
                )}
              </Line>
            ))}
          </Lines>
          <EachTime taskId={taskId} />
        </Part>
        {objections.length > 0 && (
          <Part title="Agents that disagree">
            <Said said={objections} />
          </Part>
        )}
      </div>
    </div>
  );
}

/** The checks that failed, round by round. */
export function failedEachTime(tests: TaskTests): [iteration: number, failed: string][] {
  return tests.iterations.flatMap(({ iteration, checks }): [number, string][] => {
    const failed = checks.filter((check) => check.status === "failed").map((check) => check.name);
    return failed.length > 0 ? [[iteration, failed.join(", ")]] : [];
  });
}

function EachTime({ taskId }: { taskId: string }) {
  const { data } = useQuery(queries.tests(taskId));
  return (
    <div className="mt-1.5">
      {data && (
        <ul className="m-0 list-none p-0">
          {failedEachTime(data).map(([iteration, failed]) => (
            <li key={iteration} className="break-words">
              <span className="text-muted">{roundTitle(iteration)}, failed:</span> {inert(failed)}
            </li>
          ))}
        </ul>
      )}
      <Link
        to="/tasks/$taskId/tests"
        params={{ taskId }}
        className="text-accent underline underline-offset-2"
      >
        All tests of each round
      </Link>
    </div>
  );
}
