import { useQueryClient } from "@tanstack/react-query";
import { CircleAlert, RefreshCw } from "lucide-react";
import { asProblem } from "@/api/problem";
import { keys } from "@/api/queries";
import { Button } from "@/ui/button";

/** Why a change was not made, as the service said it. Where somebody else was faster, the way on is to look again. */
export function ChangeTrouble({ error, onDone }: { error: unknown; onDone: () => void }) {
  const client = useQueryClient();
  const problem = asProblem(error);
  const title =
    problem.status === 409
      ? "The agent was changed meanwhile, so nothing was done"
      : problem.status === 403
        ? "Your key may not do this"
        : "Nothing was changed";
  return (
    <div
      role="alert"
      className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md border border-bad bg-bad-soft px-3 py-2"
    >
      <CircleAlert aria-hidden="true" className="size-4 shrink-0 text-bad" />
      <div className="min-w-0 flex-1">
        <div className="font-medium text-bad">{title}</div>
        <div className="break-words">{problem.message}</div>
      </div>
      {problem.status === 409 ? (
        <Button
          size="small"
          icon={<RefreshCw aria-hidden="true" className="size-3.5" />}
          onClick={() => void client.invalidateQueries({ queryKey: keys.agents }).then(onDone)}
        >
          Load anew
        </Button>
      ) : (
        <Button size="small" onClick={onDone}>
          Dismiss
        </Button>
      )}
    </div>
  );
}
