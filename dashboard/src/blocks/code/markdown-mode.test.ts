import { StreamLanguage } from "@codemirror/language";
import { expect, it } from "vitest";
import { markdown } from "./markdown-mode";

/** The names of the nodes that are not plain text, with what they cover. */
function tokens(text: string): [string, string][] {
  const found: [string, string][] = [];
  StreamLanguage.define(markdown)
    .parser.parse(text)
    .iterate({
      enter: (node) =>
        void (node.name !== "Document" && found.push([node.name, text.slice(node.from, node.to)])),
    });
  return found;
}

it("tells headings, code, emphasis and links from plain text", () => {
  expect(tokens("# Run\nUse `make` and **mind** [this](x).\n")).toEqual([
    ["heading", "# Run"],
    ["monospace", "`make`"],
    ["strong", "**mind**"],
    ["link", "[this](x)"],
  ]);
});

it("reads nothing inside of a fence, and goes on behind it", () => {
  const found = tokens("```sh\n# no heading\n```\n## Yes\n");
  expect(found.map(([kind]) => kind)).toEqual([
    "processingInstruction",
    "monospace",
    "processingInstruction",
    "heading",
  ]);
});
