import { Link } from "@tanstack/react-router";
import { CornerUpLeft } from "lucide-react";
import type { TaskGraph } from "@/api/types";
import { roundTitle } from "@/blocks/rounds";
import { duration } from "@/lib/format";
import { Table } from "@/ui/table";
import { NodeStatus } from "./node-status";
import { type GraphNode, KINDS, nextOf, nodeTitle } from "./words";

/** The graph as a table: everything that the drawing says, in words. */
export function NodeList({ taskId, graph }: { taskId: string; graph: TaskGraph }) {
  const expanded = graph.mode === "expanded";
  return (
    <div className="-m-4">
      <Table
        label="Nodes of the graph"
        head={[
          "Node",
          "Kind",
          "Status",
          expanded ? "Run" : "Runs",
          ...(expanded ? ["Round"] : []),
          "Time",
          "Goes on to",
          "State",
        ]}
      >
        {graph.nodes.map((node) => (
          <tr key={node.node_id} className={node.status === "done" ? undefined : "bg-accent-soft"}>
            <td className="font-medium whitespace-nowrap">{nodeTitle(node.name)}</td>
            <td>{KINDS[node.kind]}</td>
            <td>
              <NodeStatus status={node.status} />
            </td>
            <td className="tabular-nums">{expanded ? (node.run ?? "–") : node.count}</td>
            {expanded && (
              <td className="whitespace-nowrap">
                {node.iteration == null ? "–" : roundTitle(node.iteration)}
              </td>
            )}
            <td className="whitespace-nowrap tabular-nums">
              {node.seconds == null ? "–" : duration(node.seconds)}
            </td>
            <td>
              <Next node={node} graph={graph} />
            </td>
            <td>
              <StateLink taskId={taskId} node={node} />
            </td>
          </tr>
        ))}
      </Table>
    </div>
  );
}

function Next({ node, graph }: { node: GraphNode; graph: TaskGraph }) {
  const next = nextOf(node, graph);
  if (next.length === 0) return <span className="text-muted">–</span>;
  return (
    <ul className="m-0 flex min-w-52 list-none flex-wrap gap-x-3 p-0">
      {next.map((each) => (
        <li key={each.title} className="inline-flex items-center gap-1">
          {each.back && <CornerUpLeft aria-hidden="true" className="size-3.5 text-warn" />}
          {each.title}
          {each.back && <span className="text-xs text-warn">back</span>}
        </li>
      ))}
    </ul>
  );
}

function StateLink({ taskId, node }: { taskId: string; node: GraphNode }) {
  if (node.checkpoint_id == null) return <span className="text-muted">–</span>;
  return (
    <Link
      to="/tasks/$taskId/state"
      params={{ taskId }}
      search={{ checkpoint: node.checkpoint_id }}
      className="inline-flex min-h-6 items-center whitespace-nowrap text-accent underline underline-offset-2"
    >
      After it<span className="sr-only">: {nodeTitle(node.name)}</span>
    </Link>
  );
}
