import { render, screen } from "@testing-library/react";
import { createRef } from "react";
import { expect, it, vi } from "vitest";
import Diff from "./diff";
import type { ViewHandle } from "./handle";
import Viewer from "./viewer";

it("shows a text read only, with the linked line marked", () => {
  const { container } = render(
    <Viewer path="a.txt" text={"one\ntwo\nthree"} label="Text of a.txt" line={2} />,
  );
  const text = screen.getByRole("textbox", { name: "Text of a.txt" });
  expect(text).toHaveAttribute("aria-readonly", "true");
  expect(text).toHaveAttribute("contenteditable", "false");
  expect(container.querySelector(".cm-linked")).toHaveTextContent("two");
});

it("marks no line where the text has none of that number", () => {
  const { container } = render(<Viewer path="a.txt" text="one" label="Text" line={99} />);
  expect(container.querySelector(".cm-linked")).toBeNull();
});

it("opens its search when asked", () => {
  const handle = createRef<ViewHandle>();
  render(<Viewer path="a.txt" text="one" label="Text" handle={handle} />);
  handle.current?.search();
  expect(screen.getByRole("textbox", { name: "Find" })).toBeInTheDocument();
});

it("shows both texts side by side, or one with its changes, and tells how many places differ", () => {
  const onChanges = vi.fn();
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  const after = lines.with(2, "other").with(25, "another").join("\n");
  const props = {
    path: "a.txt",
    before: lines.join("\n"),
    after,
    labels: { before: "a, before", after: "a, after" },
    onChanges,
  };
  const { rerender, container } = render(<Diff {...props} layout="split" />);
  expect(onChanges).toHaveBeenLastCalledWith(2);
  expect(screen.getByRole("textbox", { name: "a, before" })).toHaveTextContent("line 2");
  rerender(<Diff {...props} layout="unified" />);
  expect(screen.queryByRole("textbox", { name: "a, before" })).toBeNull();
  expect(container.querySelectorAll(".cm-deletedChunk")).toHaveLength(2);
});
