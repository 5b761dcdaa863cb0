/** Which tasks are chosen to be cancelled: only those that can be. */

import { useCallback, useMemo, useState } from "react";
import { isFinal, type Task } from "@/api/types";

export interface Selection {
  /** The chosen tasks that are still at work. */
  chosen: Task[];
  ids: ReadonlySet<string>;
  /** Whether all that can be chosen are. */
  all: boolean;
  possible: number;
  toggle: (id: string) => void;
  toggleAll: () => void;
  clear: () => void;
}

export function useSelection(tasks: Task[]): Selection {
  const [wanted, setWanted] = useState<ReadonlySet<string>>(new Set());
  const open = useMemo(() => tasks.filter((task) => !isFinal(task)), [tasks]);
  const chosen = useMemo(() => open.filter((task) => wanted.has(task.task_id)), [open, wanted]);
  const ids = useMemo(() => new Set(chosen.map((task) => task.task_id)), [chosen]);
  const all = open.length > 0 && chosen.length === open.length;
  const toggle = useCallback((id: string) => setWanted((before) => toggled(before, id)), []);
  const clear = useCallback(() => setWanted(new Set()), []);
  const toggleAll = () => setWanted(all ? new Set() : new Set(open.map((task) => task.task_id)));
  return { chosen, ids, all, possible: open.length, toggle, toggleAll, clear };
}

function toggled(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(id)) after.add(id);
  return after;
}
