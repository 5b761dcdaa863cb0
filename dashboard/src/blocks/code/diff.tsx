/** Two texts beside each other, or one with its changes. Loaded lazily, by way of ./index. */

import { getChunks, goToNextChunk, goToPreviousChunk, MergeView, unifiedMergeView } from "@codemirror/merge";
import { openSearchPanel } from "@codemirror/search";
import { Compartment, type StateCommand } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import type { ViewHandle } from "./handle";
import { type Setup, setup, speak } from "./setup";

const COLLAPSE = { margin: 4, minSize: 6 };
const DIFF = { scanLimit: 2_000, timeout: 400 };

export interface DiffProps {
  path: string;
  before: string;
  after: string;
  labels: { before: string; after: string };
  layout: "split" | "unified";
  /** Show what is unchanged too. */
  whole?: boolean;
  /** Told how many places differ. */
  onChanges?: (count: number) => void;
  handle?: Ref<ViewHandle>;
}

interface Made {
  /** The view that has the newer text. */
  main: EditorView;
  views: EditorView[];
  destroy: () => void;
}

export default function Diff(props: DiffProps) {
  const { path, before, after, layout, whole, onChanges, handle } = props;
  const { before: left, after: right } = props.labels;
  const host = useRef<HTMLDivElement>(null);
  const made = useRef<Made | null>(null);
  const told = useRef(onChanges);
  useEffect(() => {
    told.current = onChanges;
  });
  useImperativeHandle(handle, () => ({
    next: () => go(made.current, goToNextChunk),
    previous: () => go(made.current, goToPreviousChunk),
    search: () => {
      if (made.current) openSearchPanel(made.current.main);
    },
  }));
  useEffect(() => {
    if (host.current === null) return;
    const language = new Compartment();
    const collapseUnchanged = whole ? undefined : COLLAPSE;
    const make = layout === "split" ? split : unified;
    const parts = make({
      parent: host.current,
      path,
      before,
      after,
      left,
      right,
      collapseUnchanged,
      language,
    });
    made.current = parts;
    told.current?.(getChunks(parts.main.state)?.chunks.length ?? 0);
    const calledOff = speak(parts.views, path, language);
    return () => {
      calledOff();
      made.current = null;
      parts.destroy();
    };
  }, [path, before, after, left, right, layout, whole]);
  return <div ref={host} className="code-diff" />;
}

function go(made: Made | null, command: StateCommand): void {
  if (made === null) return;
  command(made.main);
  const { head } = made.main.state.selection.main;
  made.main.dispatch({ effects: EditorView.scrollIntoView(head, { y: "center" }) });
}

/** Long lines go on below: two columns that scroll sideways by themselves cannot be compared. */
function wrapped(of: Setup, language: Compartment) {
  return [setup(of, language), EditorView.lineWrapping];
}

interface Given {
  parent: Element;
  path: string;
  before: string;
  after: string;
  left: string;
  right: string;
  collapseUnchanged: typeof COLLAPSE | undefined;
  language: Compartment;
}

function split({ parent, path, before, after, left, right, collapseUnchanged, language }: Given): Made {
  const merge = new MergeView({
    a: { doc: before, extensions: wrapped({ label: left, path }, language) },
    b: { doc: after, extensions: wrapped({ label: right, path }, language) },
    parent,
    gutter: true,
    collapseUnchanged,
    diffConfig: DIFF,
  });
  return { main: merge.b, views: [merge.a, merge.b], destroy: () => merge.destroy() };
}

function unified({ parent, path, before, after, right, collapseUnchanged, language }: Given): Made {
  const view = new EditorView({
    doc: after,
    parent,
    extensions: [
      wrapped({ label: right, path }, language),
      unifiedMergeView({
        original: before,
        mergeControls: false,
        gutter: true,
        collapseUnchanged,
        diffConfig: DIFF,
      }),
    ],
  });
  return { main: view, views: [view], destroy: () => view.destroy() };
}
