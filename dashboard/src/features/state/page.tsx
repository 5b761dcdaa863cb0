import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { queries } from "@/api/queries";
import { Checkpoints } from "./checkpoints";
import { Effects } from "./effects";

export default function Page() {
  const { taskId } = useParams({ from: "/tasks/$taskId" });
  const { data: task } = useQuery(queries.task(taskId));
  return (
    <div className="@container">
      <div className="grid grid-cols-1 items-start gap-3 @5xl:grid-cols-[3fr_2fr]">
        <Checkpoints taskId={taskId} task={task} />
        <Effects taskId={taskId} />
      </div>
    </div>
  );
}
