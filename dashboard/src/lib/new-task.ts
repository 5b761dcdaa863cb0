/** The wish to write a new task. Any screen may have it; the shell answers it with the form. */

export interface NewTaskWish {
  open: boolean;
  sentence: string;
}

const CLOSED: NewTaskWish = { open: false, sentence: "" };
let current = CLOSED;
const watchers = new Set<() => void>();

/** Open the form, with this sentence in it; null closes it. */
export function wishNewTask(sentence: string | null = ""): void {
  current = sentence === null ? CLOSED : { open: true, sentence };
  for (const watcher of watchers) watcher();
}

export function newTaskWish(): NewTaskWish {
  return current;
}

export function onNewTaskWish(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
