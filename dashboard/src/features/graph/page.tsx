/** How a task ran, as a graph or as a list of the same. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Workflow } from "lucide-react";
import { lazy, Suspense } from "react";
import { queries } from "@/api/queries";
import type { TaskGraph } from "@/api/types";
import { plural } from "@/lib/format";
import { useMedia } from "@/lib/media";
import { Card } from "@/ui/card";
import { Segmented } from "@/ui/segmented";
import { Empty, PanelBoundary, QueryPanel, Skeleton } from "@/ui/states";
import { NodeList } from "./list";

const Drawing = lazy(() => import("./drawing"));

export default function Page() {
  const { taskId } = useParams({ from: "/tasks/$taskId/graph" });
  const wide = useMedia("(min-width: 700px)");
  const { mode = "aggregated", show = wide ? "graph" : "list" } = useSearch({ from: "/tasks/$taskId/graph" });
  const navigate = useNavigate({ from: "/tasks/$taskId/graph" });
  const query = useQuery({ ...queries.graph(taskId, mode), placeholderData: keepPreviousData });
  const change = (part: { mode?: TaskGraph["mode"]; show?: "graph" | "list" }) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true, resetScroll: false });
  return (
    <Card
      title="Graph"
      actions={
        <>
          <Segmented
            label="Which graph"
            value={mode}
            options={[
              { value: "aggregated", label: "Aggregated" },
              { value: "expanded", label: "Expanded" },
            ]}
            onChange={(next) => change({ mode: next })}
          />
          <Segmented
            label="How it is shown"
            value={show}
            options={[
              { value: "graph", label: "Graph" },
              { value: "list", label: "List" },
            ]}
            onChange={(next) => change({ show: next })}
          />
        </>
      }
    >
      <QueryPanel
        query={query}
        skeleton={<Skeleton lines={12} className="min-h-[60dvh]" />}
        isEmpty={({ nodes }) => nodes.length === 0}
        whenEmpty={
          <Empty title="Nothing ran yet" icon={<Workflow aria-hidden="true" />}>
            As soon as the first agent has finished, the way that this task takes is drawn here.
          </Empty>
        }
      >
        {(graph) => (
          <>
            {graph.left_out > 0 && (
              <p className="m-0 mb-3 text-muted">
                The newest {plural(graph.nodes.length, "node")}; {graph.left_out} before them are left out.
              </p>
            )}
            {show === "list" ? (
              <NodeList taskId={taskId} graph={graph} />
            ) : (
              <PanelBoundary>
                <Suspense fallback={<Skeleton lines={12} className="min-h-[60dvh]" />}>
                  <Drawing taskId={taskId} graph={graph} />
                </Suspense>
              </PanelBoundary>
            )}
          </>
        )}
      </QueryPanel>
    </Card>
  );
}
