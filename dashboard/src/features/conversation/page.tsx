import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { queries } from "@/api/queries";
import { isFinal } from "@/api/types";
import { Skeleton } from "@/ui/states";
import { Conversation } from "./conversation";
import { targetOf } from "./target";

const ReplayView = lazy(() => import("./replay-view").then(({ ReplayView }) => ({ default: ReplayView })));

export default function Page() {
  const { taskId } = useParams({ from: "/tasks/$taskId/" });
  const wanted = useSearch({ from: "/tasks/$taskId/" });
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate({ from: "/tasks/$taskId" });
  const { data: task } = useQuery(queries.task(taskId));
  const [replaying, setReplaying] = useState(false);
  return (
    <section aria-label="Conversation" className="flex h-[max(28rem,calc(100dvh-17rem))] flex-col">
      <h2 className="sr-only">Conversation</h2>
      {replaying ? (
        <Suspense fallback={<Skeleton lines={10} />}>
          <ReplayView taskId={taskId} onClose={() => setReplaying(false)} />
        </Suspense>
      ) : (
        <Conversation
          key={taskId}
          taskId={taskId}
          wanted={wanted}
          onWanted={(search) => void navigate({ search, replace: true, resetScroll: false })}
          target={targetOf(hash)}
          onReplay={task && isFinal(task) ? () => setReplaying(true) : undefined}
        />
      )}
    </section>
  );
}
