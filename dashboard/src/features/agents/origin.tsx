import { Link } from "@tanstack/react-router";
import type { RuleOrigin } from "@/api/types";
import { inert } from "@/lib/text";
import { Ago } from "@/ui/time";

/** Who put a rule there, when and why, and what stands behind it. */
export function Origin({ origin }: { origin: RuleOrigin }) {
  const { by, why, at, tasks = [], interactions = [], experiment } = origin;
  return (
    <div className="mt-1 text-xs break-words text-muted">
      By {by ? inert(by) : "the service"}
      {at ? (
        <>
          , <Ago ts={at} />
        </>
      ) : null}
      {why && <>: {inert(why)}</>}
      {experiment && <> Shown to help by experiment {inert(experiment)}.</>}
      {tasks.map((task) => (
        <Link
          key={task}
          to="/tasks/$taskId"
          params={{ taskId: task }}
          className="ml-2 inline-flex min-h-6 items-center font-mono text-accent"
        >
          task {task.slice(0, 12)}
        </Link>
      ))}
      {interactions.map((call) => (
        <Link
          key={call}
          to="/logs"
          search={{ call }}
          className="ml-2 inline-flex min-h-6 items-center font-mono text-accent"
        >
          call {call.slice(0, 12)}
        </Link>
      ))}
    </div>
  );
}
