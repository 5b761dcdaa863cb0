/** Which list of tasks was looked at last: `[` and `]` on a task go through that one. */

import type { TaskFilters } from "./queries";

let last: TaskFilters = {};

export function rememberList(filters: TaskFilters): void {
  last = filters;
}

export function lastList(): TaskFilters {
  return last;
}
