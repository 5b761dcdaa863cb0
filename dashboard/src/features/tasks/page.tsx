import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ListTodo, Plus } from "lucide-react";
import { useEffect, useMemo } from "react";
import { rememberList } from "@/api/last-list";
import { queries, type TaskFilters } from "@/api/queries";
import type { Task } from "@/api/types";
import { wishNewTask } from "@/lib/new-task";
import { Button } from "@/ui/button";
import { PageHeader } from "@/ui/card";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { BulkBar } from "./bulk";
import { Filters } from "./filters";
import { Kanban } from "./kanban";
import { LoadMore } from "./more";
import { useSelection } from "./selection";
import { TaskTable } from "./table";

export default function Page() {
  const { view = "table", status, q, workflow } = useSearch({ from: "/tasks" });
  const filters = useMemo<TaskFilters>(
    () => ({ status: status && [status], q, workflow }),
    [status, q, workflow],
  );
  useEffect(() => rememberList(filters), [filters]);
  const query = useInfiniteQuery({ ...queries.tasks(filters), placeholderData: keepPreviousData });
  const tasks = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const selection = useSelection(tasks);
  const narrowed = Boolean(status || q || workflow);
  const Rows = view === "kanban" ? Kanban : TaskTable;
  return (
    <>
      <PageHeader title="Tasks" />
      <Filters />
      <BulkBar selection={selection} />
      <div aria-busy={query.isPlaceholderData}>
        <QueryPanel
          query={query}
          skeleton={<Loading />}
          isEmpty={(data) => data.pages.every((page) => page.items.length === 0)}
          whenEmpty={narrowed ? <NoneMatch /> : <NoneYet />}
        >
          {() => (
            <>
              <Rows tasks={tasks} selection={selection} />
              <LoadMore query={query} count={tasks.length} />
            </>
          )}
        </QueryPanel>
      </div>
    </>
  );
}

/** What the table and the board are given. */
export interface RowsProps {
  tasks: Task[];
  selection: ReturnType<typeof useSelection>;
}

function Loading() {
  return <Skeleton lines={10} className="rounded-lg border border-line bg-surface p-4 [&>*]:h-6" />;
}

function NoneYet() {
  return (
    <Empty
      title="No tasks yet"
      icon={<ListTodo aria-hidden="true" />}
      action={
        <Button
          kind="primary"
          icon={<Plus aria-hidden="true" className="size-4" />}
          onClick={() => wishNewTask()}
        >
          New task
        </Button>
      }
    >
      A task is one sentence that the agents turn into a built, tested and reviewed application.
    </Empty>
  );
}

function NoneMatch() {
  const navigate = useNavigate({ from: "/tasks" });
  return (
    <Empty
      title="No task matches"
      action={
        <Button onClick={() => void navigate({ search: ({ view }) => ({ view }), replace: true })}>
          Clear filters
        </Button>
      }
    >
      Search looks at the sentence and the id of each task.
    </Empty>
  );
}
