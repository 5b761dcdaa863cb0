import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense } from "react";
import { asProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { ListedInterrupt, Task } from "@/api/types";
import { buttonClass } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Empty, ErrorPanel, PanelBoundary, Skeleton } from "@/ui/states";
import { TaskHeader } from "./header";
import { keptTask } from "./neighbours";
import { TaskTabs } from "./tabs";

/** Fetched with the first question: most tasks that are looked at have none. */
const Questions = lazy(() => import("./questions"));

export default function Layout() {
  const { taskId } = useParams({ from: "/tasks/$taskId" });
  const client = useQueryClient();
  const query = useQuery({
    ...queries.task(taskId),
    placeholderData: () => keptTask(client, taskId),
  });
  const { data: questions = [] } = useQuery(queries.interrupts({ status: "pending", task_id: taskId }));
  if (query.data) {
    return (
      <Page key={taskId} task={query.data} questions={questions}>
        {query.error && <ErrorPanel problem={asProblem(query.error)} onRetry={() => void query.refetch()} />}
      </Page>
    );
  }
  if (!query.error) return <Loading />;
  const problem = asProblem(query.error);
  if (problem.status === 404) return <NoSuchTask id={taskId} />;
  return <ErrorPanel problem={problem} onRetry={() => void query.refetch()} />;
}

/** Wide enough, a question stands beside what it is about; otherwise above it. */
function Page({
  task,
  questions,
  children,
}: {
  task: Task;
  questions: ListedInterrupt[];
  children: ReactNode;
}) {
  const asked = questions.length > 0;
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <PanelBoundary>
        <TaskHeader task={task} />
      </PanelBoundary>
      {children}
      <div
        className={cx(
          "flex min-w-0 flex-col gap-3",
          asked && "xl:grid xl:grid-cols-[minmax(0,1fr)_minmax(380px,30%)] xl:items-start",
        )}
      >
        {asked && (
          <Suspense fallback={<Skeleton lines={10} className="xl:col-start-2 xl:row-start-1" />}>
            <Questions questions={questions} />
          </Suspense>
        )}
        <div className="min-w-0 xl:row-start-1">
          <TaskTabs taskId={task.task_id} />
          <div className="pt-3">
            <PanelBoundary>
              <Outlet />
            </PanelBoundary>
          </div>
        </div>
      </div>
    </div>
  );
}

function Loading() {
  return (
    <div className="flex flex-col gap-4">
      <Skeleton lines={2} className="min-h-24 [&>*]:h-6" />
      <Skeleton lines={1} className="min-h-10" />
      <Skeleton lines={8} />
    </div>
  );
}

function NoSuchTask({ id }: { id: string }) {
  return (
    <>
      <h1 className="sr-only">No such task</h1>
      <Empty
        title="There is no such task"
        action={
          <Link to="/tasks" className={buttonClass("primary")}>
            All tasks
          </Link>
        }
      >
        No task has the id <code className="break-all">{id}</code>. The address may be of another service.
      </Empty>
    </>
  );
}
