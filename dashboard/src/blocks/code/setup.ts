/** What every view of code is made with: read only, numbered lines, search, colours of our own. */

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { type Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { languageOf } from "./languages";
import "./code.css";

const COLOURS = HighlightStyle.define([
  { tag: [tags.comment, tags.meta, tags.processingInstruction], color: "var(--code-comment)" },
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.self, tags.bool, tags.null, tags.atom],
    color: "var(--code-keyword)",
  },
  {
    tag: [tags.string, tags.special(tags.string), tags.character, tags.regexp, tags.inserted],
    color: "var(--code-string)",
  },
  { tag: [tags.number, tags.unit, tags.color, tags.escape], color: "var(--code-number)" },
  {
    tag: [
      tags.function(tags.variableName),
      tags.function(tags.propertyName),
      tags.definition(tags.variableName),
      tags.link,
      tags.url,
    ],
    color: "var(--code-name)",
  },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.annotation], color: "var(--code-type)" },
  { tag: [tags.tagName, tags.attributeName, tags.labelName], color: "var(--code-tag)" },
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--code-name)" },
  { tag: [tags.heading, tags.strong], fontWeight: "600" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: [tags.invalid, tags.deleted], color: "var(--code-invalid)" },
]);

const LOOKS = EditorView.theme({
  "&": { backgroundColor: "var(--code-ground)", color: "var(--code-text)", fontSize: "12.5px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--font-mono, ui-monospace, monospace)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--code-text)" },
  ".cm-gutters": {
    backgroundColor: "var(--code-ground)",
    color: "var(--muted)",
    borderRight: "1px solid var(--line)",
  },
  ".cm-lineNumbers .cm-gutterElement": { cursor: "pointer", minWidth: "40px", padding: "0 8px 0 6px" },
  ".cm-lineNumbers .cm-gutterElement:hover": { color: "var(--accent)", textDecoration: "underline" },
  ".cm-linked": { backgroundColor: "var(--code-ground-line)", boxShadow: "inset 3px 0 var(--warn)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--code-ground-selected)",
  },
  ".cm-searchMatch": { backgroundColor: "var(--code-ground-match)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch.cm-searchMatch-selected": {
    backgroundColor: "var(--code-ground-match)",
    outline: "2px solid var(--accent)",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--code-ground-selected)" },
  ".cm-specialChar": { color: "var(--code-invalid)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-panel.cm-search": { padding: "6px 34px 6px 8px", fontSize: "13px" },
  ".cm-panel.cm-search label": { fontSize: "13px", whiteSpace: "nowrap" },
  ".cm-panel.cm-search input[type=checkbox]": { width: "16px", height: "16px", verticalAlign: "-3px" },
  ".cm-panel.cm-search [name=close]": { fontSize: "20px", width: "28px", height: "28px" },
  ".cm-textfield": {
    backgroundColor: "var(--surface)",
    border: "1px solid var(--line-strong)",
    borderRadius: "4px",
    minHeight: "26px",
    fontSize: "13px",
  },
  ".cm-button": {
    backgroundColor: "var(--surface)",
    backgroundImage: "none",
    border: "1px solid var(--line)",
    borderRadius: "4px",
    minHeight: "26px",
    fontSize: "13px",
  },
  // The glyph that the library puts here is missing in some fonts.
  ".cm-collapsedLines": {
    color: "var(--muted)",
    background: "var(--sunken)",
    padding: "3px 10px",
    minHeight: "26px",
    "&:before": { content: '"···"' },
    "&:after": { content: '"···"' },
  },
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": { backgroundColor: "var(--code-ground-removed)" },
  "&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine": { backgroundColor: "var(--code-ground-added)" },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": {
    background: "var(--code-ground-removed-text)",
  },
  "&.cm-merge-b .cm-changedText": { background: "var(--code-ground-added-text)" },
  "&.cm-merge-b .cm-deletedText": { background: "var(--code-ground-removed-text)" },
  "&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter": { background: "var(--bad)" },
  "&.cm-merge-b .cm-changedLineGutter": { background: "var(--ok)" },
  ".cm-changeGutter": { width: "4px", paddingLeft: "0" },
});

export interface Setup {
  label: string;
  path: string;
  /** Called with the number of a line that was clicked on. */
  onLine?: (line: number) => void;
}

/** Everything but the language, which `speak` adds when it has come. */
export function setup({ label, onLine }: Setup, language: Compartment): Extension[] {
  return [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, "aria-readonly": "true" }),
    lineNumbers({
      domEventHandlers: {
        click(view, line) {
          onLine?.(view.state.doc.lineAt(line.from).number);
          return onLine !== undefined;
        },
      },
    }),
    highlightSpecialChars({ addSpecialChars: /[\u202a-\u202e\u2066-\u2069]/g }),
    drawSelection(),
    search({ top: true }),
    highlightSelectionMatches(),
    keymap.of(searchKeymap),
    syntaxHighlighting(COLOURS),
    LOOKS,
    language.of([]),
  ];
}

/** Give the views the language of `path` once it is there. What is returned calls it off. */
export function speak(views: EditorView[], path: string, language: Compartment): () => void {
  let wanted = true;
  const load = languageOf(path);
  // A language that cannot be fetched leaves the text without colours.
  void load?.().then(
    (support) => {
      if (!wanted) return;
      for (const view of views) view.dispatch({ effects: language.reconfigure(support) });
    },
    () => undefined,
  );
  return () => {
    wanted = false;
  };
}
