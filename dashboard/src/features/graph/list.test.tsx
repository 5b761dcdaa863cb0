import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { TaskGraph } from "@/api/types";
import { renderRouted } from "@/testing/routed";
import { NodeList } from "./list";

const GRAPH: TaskGraph = {
  mode: "aggregated",
  left_out: 0,
  nodes: [
    {
      node_id: "route",
      name: "route",
      kind: "step",
      count: 2,
      status: "done",
      seconds: 1,
      checkpoint_id: "c1",
    },
    { node_id: "approval", name: "approval", kind: "human", count: 1, status: "waiting" },
  ],
  edges: [{ source: "route", target: "approval", count: 1, back: false }],
};

it("says of each node what it is, how it stands and what followed, with a way to its state where there is one", async () => {
  await renderRouted(<NodeList taskId="t1" graph={GRAPH} />);
  const [, route, approval] = screen.getAllByRole("row");
  if (!route || !approval) throw new Error("rows are missing");
  expect(route).toHaveTextContent("Route");
  expect(within(route).getByText("Approval")).toBeInTheDocument();
  expect(within(route).getByRole("link").getAttribute("href")).toBe("/ui/tasks/t1/state?checkpoint=c1");
  expect(approval).toHaveTextContent("waits for a person");
  expect(within(approval).queryByRole("link")).toBeNull();
});
