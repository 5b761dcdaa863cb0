/** The graph drawn. Loaded lazily: the library that pans and zooms is large. */

import "@xyflow/react/dist/base.css";
import "./drawing.css";
import {
  Background,
  Controls,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  type EdgeTypes,
  Handle,
  type Node,
  type NodeProps,
  type NodeTypes,
  Position,
  ReactFlow,
  useReactFlow,
} from "@xyflow/react";
import { useEffect, useMemo } from "react";
import type { TaskGraph } from "@/api/types";
import { edgeId, NODE_HEIGHT, NODE_WIDTH, type Path, place } from "./layout";
import { NodeCard } from "./node-card";
import type { GraphEdge, GraphNode, Mode } from "./words";

type FlowNode = Node<{ taskId: string; node: GraphNode; mode: Mode }, "run">;
type FlowEdge = Edge<{ edge: GraphEdge; path: Path }, "path">;

const NODES: NodeTypes = { run: RunNode };
const EDGES: EdgeTypes = { path: PathEdge };
/** A graph is shown a little smaller than it is, and not in a higher box than this. */
const SCALE = 0.85;
const HIGHEST = 1_500;
const FIT = { padding: 0.06, maxZoom: 1.1 };

export default function Drawing({ taskId, graph }: { taskId: string; graph: TaskGraph }) {
  const { nodes, edges, height } = useMemo(() => flow(taskId, graph), [taskId, graph]);
  return (
    <section
      aria-label="Graph of the run"
      className="graph-drawing -m-4 min-h-96 overflow-hidden rounded-b-lg"
      style={{ height: Math.min(HIGHEST, height * SCALE) }}
    >
      <ReactFlow<FlowNode, FlowEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODES}
        edgeTypes={EDGES}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        preventScrolling={false}
        zoomOnScroll={false}
        minZoom={0.1}
        maxZoom={2}
        fitView
        fitViewOptions={FIT}
        attributionPosition="bottom-left"
      >
        <Background gap={24} color="var(--line)" />
        <Controls showInteractive={false} fitViewOptions={FIT} position="top-right" />
        <FitAgain on={`${graph.mode} ${graph.nodes.length}`} />
      </ReactFlow>
    </section>
  );
}

/** When nodes are added, or the other graph is shown, all of it is brought into view. */
function FitAgain({ on }: { on: string }) {
  const { fitView } = useReactFlow();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `on` says when
  useEffect(() => {
    const frame = requestAnimationFrame(() => void fitView(FIT));
    return () => cancelAnimationFrame(frame);
  }, [on, fitView]);
  return null;
}

function flow(taskId: string, graph: TaskGraph): { nodes: FlowNode[]; edges: FlowEdge[]; height: number } {
  const placed = place(graph);
  return {
    height: placed.height,
    nodes: graph.nodes.map((node) => ({
      id: node.node_id,
      type: "run",
      position: placed.nodes.get(node.node_id) ?? { x: 0, y: 0 },
      width: NODE_WIDTH,
      height: NODE_HEIGHT,
      // Nodes that are neither moved nor chosen take no pointer by themselves, and this one has a link in it.
      style: { pointerEvents: "all" as const },
      data: { taskId, node, mode: graph.mode },
    })),
    edges: graph.edges.flatMap((edge) => {
      const path = placed.edges.get(edgeId(edge));
      if (path === undefined) return [];
      return [
        {
          id: edgeId(edge),
          type: "path" as const,
          source: edge.source,
          target: edge.target,
          data: { edge, path },
        },
      ];
    }),
  };
}

function RunNode({ data }: NodeProps<FlowNode>) {
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <NodeCard {...data} />
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </>
  );
}

function PathEdge({ id, data }: EdgeProps<FlowEdge>) {
  if (data === undefined) return null;
  const { edge, path } = data;
  const { x, y } = path.label;
  const marker = `arrow-${edge.back ? "back" : "on"}`;
  return (
    <>
      <defs>
        <marker
          id={`${marker}-${id}`}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path d="M0,0 L8,4 L0,8 z" className={edge.back ? "arrow-back" : "arrow-on"} />
        </marker>
      </defs>
      <path
        d={path.d}
        fill="none"
        markerEnd={`url(#${CSS.escape(`${marker}-${id}`)})`}
        className={edge.back ? "edge-back" : "edge-on"}
      />
      {(edge.count > 1 || edge.back) && (
        <EdgeLabelRenderer>
          <span
            className={`edge-label ${edge.back ? "text-warn" : "text-muted"}`}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            {edge.back ? "back" : `${edge.count}×`}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}
