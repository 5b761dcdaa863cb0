/** Names for the shapes of the API that many files use. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Task = Schemas["TaskView"];
export type TaskStatus = Schemas["TaskStatus"];
export type TaskSubmission = Schemas["TaskSubmission"];
export type AgentName = Schemas["AgentName"];
export type Interrupt = Schemas["Interrupt"];
export type ListedInterrupt = Schemas["ListedInterrupt"];
export type InterruptKind = Schemas["InterruptKind"];
export type Action = Schemas["Action"];
export type Decision = Schemas["Decision"];
export type StoredEvent = Schemas["StoredEvent"];
export type TaskEvent = StoredEvent["event"];
export type EventOf<T extends TaskEvent["type"]> = Extract<TaskEvent, { type: T }>;
export type CheckResult = Schemas["CheckResult"];
export type Finding = Schemas["Finding"];
export type TaskTimeline = Schemas["TaskTimeline"];
export type Span = Schemas["Span"];
export type TaskTests = Schemas["TaskTests"];
export type TaskReviews = Schemas["TaskReviews"];
export type TaskPlan = Schemas["TaskPlan"];
export type TaskGraph = Schemas["TaskGraph"];
export type TaskCosts = Schemas["TaskCosts"];
export type TaskTree = Schemas["TaskTree"];
export type CallView = Schemas["CallView"];
export type CheckpointView = Schemas["CheckpointView"];
export type Interaction = Schemas["Interaction"];
export type AgentSummary = Schemas["AgentSummary"];
export type RuleView = Schemas["RuleView"];
export type MemoryDiff = Schemas["MemoryDiff"];
export type Workflow = Schemas["WorkflowView"];
export type Health = Schemas["Health"];
export type Stats = Schemas["Stats"];
export type Series = Schemas["Series"];
export type SeriesRow = Schemas["SeriesRow"];
export type TaskRow = Schemas["TaskRow"];
export type Accuracy = Schemas["Accuracy"];
export type TrialView = Schemas["TrialView"];
export type RuleOrigin = Schemas["RuleOrigin"];
export type IdentityAnswer = Schemas["IdentityAnswer"];
export type VersionView = Schemas["VersionView"];
export type VersionDiff = Schemas["VersionDiff"];
export type SettingView = Schemas["SettingView"];
export type ModelSetup = Schemas["ModelSetup"];
export type ModelFacts = Schemas["ModelFacts"];
export type PartCheck = Schemas["PartCheck"];
export type ApiKey = Schemas["ApiKey"];
export type NewKey = Schemas["NewKey"];
export type KeyRequest = Schemas["KeyRequest"];
export type AuditEntry = Schemas["AuditEntry"];
export type Caller = Schemas["Caller"];
export type Role = Schemas["Role"];

export const AGENTS: readonly AgentName[] = [
  "orchestrator",
  "planner",
  "backend_agent",
  "database_agent",
  "frontend_agent",
  "qa_agent",
  "code_reviewer",
  "git_agent",
  "devops_agent",
];

export const FINAL: readonly TaskStatus[] = ["completed", "failed", "cancelled"];

export function isFinal(task: Pick<Task, "status">): boolean {
  return FINAL.includes(task.status);
}
