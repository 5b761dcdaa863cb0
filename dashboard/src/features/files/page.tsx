/** The files of a task at any of its versions, as texts or as what changed. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { FolderTree } from "lucide-react";
import { useCallback, useMemo } from "react";
import { queries } from "@/api/queries";
import type { TaskTree } from "@/api/types";
import { useWider } from "@/lib/media";
import { useShortcut } from "@/lib/shortcuts";
import { Card } from "@/ui/card";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { FileList } from "./file-list";
import { FilePanel } from "./file-panel";
import { firstFile, type Layout, lineOf, neighbour, otherLayout } from "./selection";
import { buildTree, inOrder } from "./tree";
import { Versions } from "./versions";

export default function Page() {
  const { taskId } = useParams({ from: "/tasks/$taskId/files" });
  const { ref, base } = useSearch({ from: "/tasks/$taskId/files" });
  const query = useQuery({ ...queries.tree(taskId, ref, base), placeholderData: keepPreviousData });
  return (
    <QueryPanel
      query={query}
      skeleton={<Loading />}
      isEmpty={(tree) => tree.ref === null || tree.files.length === 0}
      whenEmpty={
        <Card title="Files">
          <Empty title="No files yet" icon={<FolderTree aria-hidden="true" />}>
            The planner writes the first ones. Every file of the application appears here, with each of its
            versions.
          </Empty>
        </Card>
      }
    >
      {(tree) => <Files taskId={taskId} tree={tree} changing={query.isPlaceholderData} />}
    </QueryPanel>
  );
}

/** Two columns of code beside the list of files need this much room, in pixels. */
const SPLIT_FROM = 1_000;

type Change = Partial<{ path: string; ref: string; base: string; layout: Layout }>;

function Files({ taskId, tree, changing }: { taskId: string; tree: TaskTree; changing: boolean }) {
  const search = useSearch({ from: "/tasks/$taskId/files" });
  const line = lineOf(useLocation({ select: (location) => location.hash }));
  const navigate = useNavigate({ from: "/tasks/$taskId/files" });
  const [box, wide] = useWider<HTMLDivElement>(SPLIT_FROM);
  const comparing = tree.base !== null;
  const layout: Layout = comparing ? (search.layout ?? (wide ? "split" : "unified")) : "text";
  const ordered = useMemo(() => inOrder(buildTree(tree.files)), [tree.files]);
  const listed = comparing ? ordered.filter((file) => file.status !== "unchanged") : ordered;
  const path = search.path ?? firstFile(ordered, comparing);
  const file = tree.files.find((each) => each.path === path);

  const change = useCallback(
    (part: Change, hash = "") =>
      void navigate({
        search: (before) => ({ ...before, ...part }),
        hash,
        replace: !("path" in part),
        resetScroll: false,
      }),
    [navigate],
  );
  const select = useCallback((next: string) => change({ path: next }), [change]);
  const step = (by: 1 | -1) => {
    const next = neighbour(listed, path, by);
    if (next !== undefined && next !== path) select(next);
  };
  useShortcut("j", comparing ? "Next changed file" : "Next file", () => step(1));
  useShortcut("k", comparing ? "Previous changed file" : "Previous file", () => step(-1));
  useShortcut(
    "d",
    "Changes side by side or in one column",
    () => change({ layout: otherLayout(layout) }),
    comparing,
  );

  return (
    <Card title="Files" actions={<Versions taskId={taskId} tree={tree} chosen={search} onChange={change} />}>
      <div ref={box} aria-busy={changing || undefined} className="@container -m-4">
        <div className="grid @2xl:grid-cols-[minmax(210px,300px)_minmax(0,1fr)]">
          <FileList files={tree.files} selected={path} compared={comparing} onSelect={select} />
          <FilePanel
            taskId={taskId}
            tree={tree}
            path={path}
            file={file}
            layout={layout}
            line={line}
            onLayout={(next) => change({ layout: next })}
            onLine={(at) => change({ path, layout: comparing ? "text" : search.layout }, `L${at}`)}
            onStep={step}
          />
        </div>
      </div>
    </Card>
  );
}

function Loading() {
  return (
    <Card title="Files">
      <div className="-m-4 grid min-h-[70dvh] lg:grid-cols-[minmax(240px,320px)_minmax(0,1fr)]">
        <Skeleton lines={14} className="border-r border-line p-4" />
        <Skeleton lines={20} className="p-4 max-lg:hidden" />
      </div>
    </Card>
  );
}
