import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { History } from "lucide-react";
import { useMemo, useState } from "react";
import { queries } from "@/api/queries";
import type { CheckpointView, Task } from "@/api/types";
import { Card } from "@/ui/card";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { changesOf } from "./changes";
import { CheckpointRow } from "./checkpoint";
import { ForkDialog } from "./fork";

/** The points of the run, newest first: from each of them a new task can go on. */
export function Checkpoints({ taskId, task }: { taskId: string; task?: Task }) {
  const query = useQuery(queries.checkpoints(taskId));
  const [forking, setForking] = useState<CheckpointView | null>(null);
  return (
    <Card title="Checkpoints">
      <QueryPanel
        query={query}
        skeleton={<Skeleton lines={8} className="[&>*]:h-8" />}
        isEmpty={(list) => list.length === 0}
        whenEmpty={
          <Empty title="No checkpoints yet" icon={<History aria-hidden="true" />}>
            After each step the state of the task is kept. From any of these points a new task can go on, with
            other feedback.
          </Empty>
        }
      >
        {(list) => <List oldestFirst={list} onFork={setForking} />}
      </QueryPanel>
      {forking && (
        <ForkDialog
          key={forking.checkpoint_id}
          taskId={taskId}
          task={task}
          checkpoint={forking}
          onClose={() => setForking(null)}
        />
      )}
    </Card>
  );
}

function List({
  oldestFirst,
  onFork,
}: {
  oldestFirst: CheckpointView[];
  onFork: (checkpoint: CheckpointView) => void;
}) {
  const { checkpoint: chosen } = useSearch({ from: "/tasks/$taskId/state" });
  const navigate = useNavigate({ from: "/tasks/$taskId/state" });
  const changes = useMemo(() => changesOf(oldestFirst), [oldestFirst]);
  return (
    <ol reversed className="m-0 list-none p-0">
      {oldestFirst.toReversed().map((checkpoint, index) => (
        <CheckpointRow
          key={checkpoint.checkpoint_id}
          checkpoint={checkpoint}
          latest={index === 0}
          changes={changes.get(checkpoint.checkpoint_id) ?? []}
          chosen={checkpoint.checkpoint_id === chosen}
          onToggle={(open) =>
            void navigate({
              search: { checkpoint: open ? checkpoint.checkpoint_id : undefined },
              replace: true,
              resetScroll: false,
            })
          }
          onFork={() => onFork(checkpoint)}
        />
      ))}
    </ol>
  );
}
