/** Where nodes and edges are drawn. The same graph is always laid out alike. */

import { Graph, layout } from "@dagrejs/dagre";
import type { TaskGraph } from "@/api/types";
import type { GraphEdge } from "./words";

export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 52;
const GAP = 40;
/** Between two lanes of edges that go back. */
const LANE = 18;
/** How far beside the middle of a node an edge that goes back comes in, so that it lies on no other. */
const ASIDE = 44;

export interface Point {
  x: number;
  y: number;
}

export interface Path {
  /** As an SVG path. */
  d: string;
  /** The middle of its label. */
  label: Point;
}

export interface Placed {
  /** The upper left corner of each node. */
  nodes: Map<string, Point>;
  edges: Map<string, Path>;
  height: number;
}

export function edgeId(edge: GraphEdge): string {
  return `${edge.source}→${edge.target}`;
}

/** What ran first stands above. Edges that close a circle go round the right side, those of one node in one lane. */
export function place({ mode, nodes, edges }: TaskGraph): Placed {
  const known = new Set(nodes.map((node) => node.node_id));
  const drawn = edges.filter((edge) => known.has(edge.source) && known.has(edge.target));
  const [around, down] = [
    drawn.filter((edge) => edge.back && mode === "aggregated"),
    drawn.filter((edge) => !edge.back || mode === "expanded"),
  ];
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: GAP, edgesep: 20, marginx: 8, marginy: 8 });
  for (const node of nodes) graph.setNode(node.node_id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const edge of down) {
    const label = edge.back ? 40 : edge.count > 1 ? 24 : 0;
    graph.setEdge(edge.source, edge.target, { width: label, height: 0, labelpos: "c" });
  }
  layout(graph);
  const middle = (id: string): Point => {
    const { x = 0, y = 0 } = graph.node(id) as Partial<Point>;
    return { x, y };
  };
  const middles = nodes.map((node) => middle(node.node_id));
  const right = Math.max(0, ...middles.map(({ x }) => x + NODE_WIDTH / 2));
  const lanes = [...new Set(around.map((edge) => edge.source))];
  const paths = new Map<string, Path>();
  for (const edge of down) {
    const found = graph.edge(edge.source, edge.target) as Partial<Point> & { points?: Point[] };
    const points = joined(middle(edge.source), found.points?.slice(1, -1) ?? [], middle(edge.target));
    const label = { x: found.x ?? points[1]?.x ?? 0, y: found.y ?? points[1]?.y ?? 0 };
    paths.set(edgeId(edge), { d: smooth(points), label });
  }
  for (const edge of around) {
    const lane = right + LANE * (lanes.indexOf(edge.source) + 1);
    paths.set(edgeId(edge), loop(middle(edge.source), lane, middle(edge.target)));
  }
  return {
    nodes: new Map(
      nodes.map(({ node_id }, index) => {
        const { x, y } = middles[index] ?? { x: 0, y: 0 };
        return [node_id, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 }];
      }),
    ),
    edges: paths,
    height: Math.max(0, ...middles.map(({ y }) => y + NODE_HEIGHT / 2 + 8)),
  };
}

/** From the lower side of one node to the upper side of another that stands below it. */
function joined(from: Point, between: Point[], to: Point): Point[] {
  return [{ x: from.x, y: from.y + NODE_HEIGHT / 2 }, ...between, { x: to.x, y: to.y - NODE_HEIGHT / 2 }];
}

/** A smooth line through the points; it leaves and comes upright. */
function smooth(points: Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let from = first;
  const parts = [`M${at(first)}`];
  for (const to of rest) {
    const half = (to.y - from.y) / 2;
    parts.push(`C${at({ x: from.x, y: from.y + half })} ${at({ x: to.x, y: to.y - half })} ${at(to)}`);
    from = to;
  }
  return parts.join(" ");
}

/** Out to the right, up a lane, back above the target, and down into it; with round corners. */
function loop(source: Point, lane: number, target: Point): Path {
  const start = { x: source.x + NODE_WIDTH / 2, y: source.y };
  const over = target.y - NODE_HEIGHT / 2 - GAP / 2 + 4;
  const end = { x: target.x + ASIDE, y: target.y - NODE_HEIGHT / 2 };
  const r = 8;
  const d = [
    `M${at(start)}`,
    `H${(lane - r).toFixed(1)}`,
    `Q${at({ x: lane, y: start.y })} ${at({ x: lane, y: start.y - r })}`,
    `V${(over + r).toFixed(1)}`,
    `Q${at({ x: lane, y: over })} ${at({ x: lane - r, y: over })}`,
    `H${(end.x + r).toFixed(1)}`,
    `Q${at({ x: end.x, y: over })} ${at({ x: end.x, y: over + r })}`,
    `V${end.y.toFixed(1)}`,
  ];
  return { d: d.join(" "), label: { x: lane, y: (start.y + over) / 2 } };
}

function at({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
