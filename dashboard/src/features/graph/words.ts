/** Nodes and edges in words. */

import type { TaskGraph } from "@/api/types";
import { roundTitle } from "@/blocks/rounds";
import { agentTitle, duration } from "@/lib/format";
import { inert } from "@/lib/text";

export type GraphNode = TaskGraph["nodes"][number];
export type GraphEdge = TaskGraph["edges"][number];
export type Mode = TaskGraph["mode"];

export const KINDS: Record<GraphNode["kind"], string> = {
  agent: "agent",
  check: "check",
  human: "person",
  effect: "published",
  step: "step",
};

export const STATUSES: Record<GraphNode["status"], string> = {
  done: "done",
  running: "running",
  waiting: "waits for a person",
  next: "comes next",
};

/** `backend_agent` as `Backend`, `pose_approval` as `Pose approval`. */
export function nodeTitle(name: string): string {
  return inert(agentTitle(name));
}

/** How often it ran, or which run it is, in which round, and how long that took. */
export function nodeNote(node: GraphNode, mode: Mode): string {
  const runs = node.count > 1 ? `${node.count} times` : null;
  const round = node.iteration == null ? null : roundTitle(node.iteration).toLowerCase();
  const time = node.seconds == null ? null : duration(node.seconds);
  return [mode === "aggregated" ? runs : round, time].filter((part) => part !== null).join(" · ");
}

/** Where it went on to from a node, by name; with how often, where that is more than once. */
export function nextOf(node: GraphNode, graph: TaskGraph): { title: string; back: boolean }[] {
  const byId = new Map(graph.nodes.map((each) => [each.node_id, each]));
  return graph.edges
    .filter((edge) => edge.source === node.node_id)
    .map((edge) => {
      const name = nodeTitle(byId.get(edge.target)?.name ?? edge.target);
      return { title: edge.count > 1 ? `${name} (${edge.count} times)` : name, back: edge.back };
    });
}
