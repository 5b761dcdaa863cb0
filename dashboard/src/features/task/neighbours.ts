/** Tasks that are kept in lists: the one before and the one behind another, in the list that was looked at last. */

import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { lastList } from "@/api/last-list";
import { keys, queries } from "@/api/queries";
import type { Task } from "@/api/types";

interface Page {
  items: Task[];
}

/** A task as some list has it, to be shown until its own answer comes. */
export function keptTask(client: QueryClient, id: string): Task | undefined {
  for (const [, data] of client.getQueriesData<InfiniteData<Page>>({ queryKey: keys.tasks })) {
    const found = data?.pages.flatMap((page) => page.items).find((task) => task.task_id === id);
    if (found) return found;
  }
  return undefined;
}

/** The id `step` rows below `id`; the first when the list has it not, null at the ends. */
export function neighbour(tasks: readonly Pick<Task, "task_id">[], id: string, step: 1 | -1): string | null {
  const at = tasks.findIndex((task) => task.task_id === id);
  const next = at === -1 ? tasks[0] : tasks[at + step];
  return next && next.task_id !== id ? next.task_id : null;
}

/** As `neighbour`, in the list that was looked at last; it is fetched if none is kept. */
export async function neighbourOf(client: QueryClient, id: string, step: 1 | -1): Promise<string | null> {
  const data = await client.fetchInfiniteQuery(queries.tasks(lastList()));
  return neighbour(
    data.pages.flatMap((page) => page.items),
    id,
    step,
  );
}
