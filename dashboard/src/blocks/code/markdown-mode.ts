/** Markdown line by line: headings, fences, lists, quotes, code, emphasis and links. The whole grammar brings HTML with it. */

import type { StreamParser, StringStream } from "@codemirror/language";

interface State {
  fenced: boolean;
}

const INLINE: readonly (readonly [RegExp, string])[] = [
  [/^`[^`]+`/, "monospace"],
  [/^\*\*[^*]+\*\*/, "strong"],
  [/^[*_][^*_\s][^*_]*[*_]/, "emphasis"],
  [/^!?\[[^\]]*\]\([^)]*\)/, "link"],
  [/^<[^>\s]+>/, "link"],
];

function beginning(stream: StringStream, state: State): string | null {
  if (stream.match(/^\s*(```|~~~)/)) {
    state.fenced = !state.fenced;
    stream.skipToEnd();
    return "processingInstruction";
  }
  if (state.fenced) {
    stream.skipToEnd();
    return "monospace";
  }
  if (stream.match(/^#{1,6}\s/)) {
    stream.skipToEnd();
    return "heading";
  }
  if (stream.match(/^\s*([-*+]|\d+\.)\s/)) return "keyword";
  return stream.match(/^\s*>\s?/) ? "quote" : null;
}

export const markdown: StreamParser<State> = {
  name: "markdown",
  startState: () => ({ fenced: false }),
  token(stream, state) {
    if (stream.sol()) {
      const kind = beginning(stream, state);
      if (kind !== null) return kind;
    }
    for (const [pattern, kind] of INLINE) {
      if (stream.match(pattern)) return kind;
    }
    stream.next();
    return null;
  },
};
