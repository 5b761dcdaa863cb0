/** The nine agents: what each does, how it does, who it is. */

import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import { AGENTS } from "@/api/types";
import { isOffline } from "@/blocks/model";
import { PageHeader } from "@/ui/card";
import { QueryPanel, Skeleton } from "@/ui/states";
import { AgentCard } from "./agent-card";
import { useRunningTasks } from "./status";

const GRID = "m-0 grid list-none gap-3 p-0 sm:grid-cols-2 xl:grid-cols-3";

export default function Page() {
  const query = useQuery(queries.agents());
  const tasks = useRunningTasks();
  const offline = query.data?.every(({ model }) => isOffline(model));
  return (
    <>
      <PageHeader
        title="Agents"
        note={
          <>
            Who they are is kept apart from the model that they think with, and stays when that is changed.
            {offline &&
              " All of them use the offline model now: rules in this service, not a language model."}
          </>
        }
      />
      <QueryPanel query={query} skeleton={<Loading />}>
        {(agents) => (
          <ul className={GRID}>
            {agents.map((summary) => (
              <AgentCard key={summary.agent} summary={summary} tasks={tasks} />
            ))}
          </ul>
        )}
      </QueryPanel>
    </>
  );
}

function Loading() {
  return (
    <div className={GRID}>
      {AGENTS.map((agent) => (
        <div key={agent} className="h-[214px] rounded-lg border border-line bg-surface p-4">
          <Skeleton lines={5} />
        </div>
      ))}
    </div>
  );
}
