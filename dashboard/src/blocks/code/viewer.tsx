/** A text with numbered lines. Loaded lazily, by way of ./index. */

import { openSearchPanel } from "@codemirror/search";
import { Compartment, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import type { ViewHandle } from "./handle";
import { setup, speak } from "./setup";

const setLinked = StateEffect.define<number | null>();

const linked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    let next = value.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setLinked)) continue;
      const { doc } = transaction.state;
      const line = effect.value;
      const there = line !== null && line >= 1 && line <= doc.lines;
      next = there
        ? Decoration.set(Decoration.line({ class: "cm-linked" }).range(doc.line(line).from))
        : Decoration.none;
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export interface ViewerProps {
  path: string;
  text: string;
  label: string;
  line?: number | null;
  onLine?: (line: number) => void;
  handle?: Ref<ViewHandle>;
}

export default function Viewer({ path, text, label, line = null, onLine, handle }: ViewerProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(onLine);
  useEffect(() => {
    latest.current = onLine;
  });
  useImperativeHandle(handle, () => ({
    next: () => undefined,
    previous: () => undefined,
    search: () => {
      if (view.current) openSearchPanel(view.current);
    },
  }));
  useEffect(() => {
    if (host.current === null) return;
    const language = new Compartment();
    const made = new EditorView({
      doc: text,
      parent: host.current,
      extensions: [setup({ path, label, onLine: (at) => latest.current?.(at) }, language), linked],
    });
    view.current = made;
    const calledOff = speak([made], path, language);
    return () => {
      calledOff();
      view.current = null;
      made.destroy();
    };
  }, [path, text, label]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new text is a new view, which has to be told again
  useEffect(() => {
    const made = view.current;
    if (made === null) return;
    const effects: StateEffect<unknown>[] = [setLinked.of(line)];
    if (line !== null && line >= 1 && line <= made.state.doc.lines) {
      effects.push(EditorView.scrollIntoView(made.state.doc.line(line).from, { y: "center" }));
    }
    made.dispatch({ effects });
  }, [line, path, text, label]);
  return <div ref={host} className="code-view" />;
}
