/** Whether the form of a new task is open, and with which sentence: opened from anywhere. */

import { useSyncExternalStore } from "react";
import { type NewTaskWish, newTaskWish, onNewTaskWish, wishNewTask } from "@/lib/new-task";

export const newTask = wishNewTask;

export function useNewTask(): NewTaskWish & { close: () => void } {
  const wish = useSyncExternalStore(onNewTaskWish, newTaskWish);
  return { ...wish, close: () => wishNewTask(null) };
}
