import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { FileTree } from "./file-tree";
import type { TreeFile } from "./tree";

const FILES: TreeFile[] = [
  { path: "backend/a.py", status: "modified", additions: 3, deletions: 1, agent: "backend_agent" },
  { path: "backend/b.py", status: "added", additions: 9, deletions: 0 },
  { path: "README.md", status: "unchanged", additions: 0, deletions: 0 },
];

function show(selected?: string) {
  const onSelect = vi.fn();
  render(<FileTree files={FILES} selected={selected} compared filtered={false} onSelect={onSelect} />);
  return onSelect;
}

it("is one stop for the tab key, moved by arrows; Enter opens a file", async () => {
  const onSelect = show("backend/a.py");
  await userEvent.tab();
  expect(screen.getByRole("treeitem", { selected: true })).toHaveFocus();
  await userEvent.keyboard("{ArrowDown}{Enter}");
  expect(onSelect).toHaveBeenCalledWith("backend/b.py");
  expect(screen.getAllByRole("treeitem").filter((each) => each.tabIndex === 0)).toHaveLength(1);
});

it("closes a folder with the left arrow and opens it with the right one", async () => {
  show();
  await userEvent.tab();
  const folder = screen.getByRole("treeitem", { name: /backend/, expanded: true });
  expect(folder).toHaveFocus();
  await userEvent.keyboard("{ArrowLeft}");
  expect(folder).toHaveAttribute("aria-expanded", "false");
  expect(screen.getAllByRole("treeitem")).toHaveLength(2);
  await userEvent.keyboard("{ArrowRight}");
  expect(screen.getAllByRole("treeitem")).toHaveLength(4);
});

it("says in words what happened to a file and who wrote it", () => {
  show();
  const name = /modified.*a\.py.*3 added,\s*1 deleted.*written by Backend/;
  expect(screen.getByRole("treeitem", { name })).toBeInTheDocument();
});
