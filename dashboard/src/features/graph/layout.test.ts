import { expect, it } from "vitest";
import type { TaskGraph } from "@/api/types";
import { edgeId, place } from "./layout";
import { nextOf, nodeNote } from "./words";

function node(name: string, more: Partial<TaskGraph["nodes"][number]> = {}): TaskGraph["nodes"][number] {
  return { node_id: name, name, kind: "step", count: 1, status: "done", ...more };
}

const CYCLE: TaskGraph = {
  mode: "aggregated",
  left_out: 0,
  nodes: [node("planner"), node("backend_agent", { count: 2, seconds: 4 }), node("checks"), node("route")],
  edges: [
    { source: "planner", target: "backend_agent", count: 1, back: false },
    { source: "backend_agent", target: "checks", count: 2, back: false },
    { source: "checks", target: "route", count: 2, back: false },
    { source: "route", target: "backend_agent", count: 1, back: true },
  ],
};

it("draws what ran first above what ran later, also where a way goes back", () => {
  const { nodes } = place(CYCLE);
  const heights = CYCLE.nodes.map((each) => nodes.get(each.node_id)?.y ?? Number.NaN);
  expect(heights).toEqual([...heights].sort((one, other) => one - other));
  expect(new Set(heights).size).toBe(4);
});

it("lays the same graph out alike each time", () => {
  expect(place(CYCLE)).toEqual(place(structuredClone(CYCLE)));
});

it("leads a way back round the right side of all nodes", () => {
  const { nodes, edges } = place(CYCLE);
  const right = Math.max(...[...nodes.values()].map(({ x }) => x));
  const back = CYCLE.edges[3];
  expect(back && edges.get(edgeId(back))?.label.x).toBeGreaterThan(right);
});

it("leaves out edges whose nodes are not there", () => {
  const cut = { ...CYCLE, nodes: CYCLE.nodes.slice(0, 2) };
  expect([...place(cut).edges.keys()]).toEqual(["planner→backend_agent"]);
});

it("says in words how often a node ran and where it went on to", () => {
  const [, backend, , route] = CYCLE.nodes;
  expect(backend && nodeNote(backend, "aggregated")).toBe("2 times · 4 s");
  expect(backend && nextOf(backend, CYCLE)).toEqual([{ title: "Checks (2 times)", back: false }]);
  expect(route && nextOf(route, CYCLE)).toEqual([{ title: "Backend", back: true }]);
});
