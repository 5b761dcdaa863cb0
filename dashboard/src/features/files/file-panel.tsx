/** One file: what is known of it, ways to look at it, its text or its changes. */

import { useQuery } from "@tanstack/react-query";
import { FileQuestion } from "lucide-react";
import { type RefObject, useRef, useState } from "react";
import { asProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import type { TaskTree } from "@/api/types";
import { CodeView, DiffView, type ViewHandle } from "@/blocks/code";
import { inert } from "@/lib/text";
import { Empty, ErrorPanel, PanelBoundary, Skeleton } from "@/ui/states";
import { FileBar } from "./file-bar";
import type { Layout } from "./selection";
import type { TreeFile } from "./tree";

export interface FilePanelProps {
  taskId: string;
  tree: TaskTree;
  path: string | undefined;
  file: TreeFile | undefined;
  layout: Layout;
  line: number | null;
  onLayout: (layout: Layout) => void;
  onLine: (line: number) => void;
  onStep: (by: 1 | -1) => void;
}

export function FilePanel(props: FilePanelProps) {
  const { tree, path, file, layout } = props;
  const handle = useRef<ViewHandle>(null);
  const [whole, setWhole] = useState(false);
  const [changes, setChanges] = useState<number | null>(null);
  if (path === undefined || file === undefined) {
    return (
      <Empty
        title={path === undefined ? "Nothing to show" : "Not in this version"}
        icon={<FileQuestion aria-hidden="true" />}
      >
        {path !== undefined && (
          <>
            <code className="break-all">{inert(path)}</code> is not among these files. Choose another version,
            or another file.
          </>
        )}
      </Empty>
    );
  }
  const comparable = tree.base !== null && file.status !== "unchanged";
  const shown = comparable ? layout : "text";
  return (
    <section aria-label={`File ${inert(path)}`} className="flex min-w-0 flex-col">
      <FileBar
        file={file}
        compared={tree.base !== null}
        layout={comparable ? layout : null}
        whole={whole}
        changes={shown === "text" ? null : changes}
        handle={handle}
        onLayout={props.onLayout}
        onWhole={setWhole}
        onStep={props.onStep}
      />
      <PanelBoundary key={`${path} ${shown}`}>
        <Body
          {...props}
          path={path}
          file={file}
          shown={shown}
          whole={whole}
          handle={handle}
          onChanges={setChanges}
        />
      </PanelBoundary>
    </section>
  );
}

interface BodyProps extends FilePanelProps {
  path: string;
  file: TreeFile;
  shown: Layout;
  whole: boolean;
  handle: RefObject<ViewHandle | null>;
  onChanges: (count: number) => void;
}

/** The text at one version, or at both. What a version does not have is nothing in it. */
function Body({ taskId, tree, path, file, shown, whole, line, handle, onLine, onChanges }: BodyProps) {
  const [newer, older] = [tree.ref, tree.base];
  const deleted = file.status === "deleted";
  const after = useText(taskId, path, deleted ? null : newer);
  const needsOlder = deleted || (shown !== "text" && file.status !== "added");
  const before = useText(taskId, path, needsOlder ? older : null);
  const failed = after.error ?? before.error;
  if (failed) {
    const again = () => void Promise.all([after.refetch(), before.refetch()]);
    return (
      <div className="p-4">
        <ErrorPanel problem={asProblem(failed)} onRetry={again} />
      </div>
    );
  }
  if (after.text === undefined || before.text === undefined) {
    return <Skeleton lines={16} className="min-h-96 p-4" />;
  }
  if (shown === "text") {
    const text = deleted ? before.text : after.text;
    if (text === "") return <Empty title="This file is empty" />;
    return (
      <CodeView
        path={path}
        text={text}
        label={`Text of ${path}`}
        line={line}
        onLine={onLine}
        handle={handle}
      />
    );
  }
  return (
    <DiffView
      path={path}
      before={before.text}
      after={after.text}
      labels={{ before: `${path}, before`, after: `${path}, after` }}
      layout={shown}
      whole={whole}
      onChanges={onChanges}
      handle={handle}
    />
  );
}

/** A file's text at a commit; nothing, without asking, where there is no commit. */
function useText(taskId: string, path: string, commit: string | null) {
  const query = useQuery({ ...queries.file(taskId, path, commit ?? ""), enabled: commit !== null });
  const text = commit === null ? "" : query.data;
  return { text, error: query.error, refetch: query.refetch };
}
