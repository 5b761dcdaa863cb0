import type { AgentName, Task } from "@/api/types";

/** The tasks in which this agent is at work now. */
export function atWork(agent: AgentName, tasks: readonly Task[]): Task[] {
  return tasks.filter((task) => task.status === "running" && task.current_agent === agent);
}
