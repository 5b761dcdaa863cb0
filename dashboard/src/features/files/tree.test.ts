import { expect, it } from "vitest";
import { buildTree, inOrder, moved, type TreeFile, visibleRows } from "./tree";

function file(path: string): TreeFile {
  return { path, status: "unchanged", additions: 0, deletions: 0 };
}

const FILES = [
  "README.md",
  "backend/app/api/a.py",
  "backend/app/api/b.py",
  "backend/app/main.py",
  "web/x.ts",
].map(file);
const open = () => true;

it("joins folders that have but one folder in them and counts their files", () => {
  const rows = visibleRows(buildTree(FILES), open);
  expect(rows.map(({ name, level, count }) => [name, level, count])).toEqual([
    ["backend/app", 1, 3],
    ["api", 2, 2],
    ["a.py", 3, undefined],
    ["b.py", 3, undefined],
    ["main.py", 2, undefined],
    ["web", 1, 1],
    ["x.ts", 2, undefined],
    ["README.md", 1, undefined],
  ]);
});

it("says the place of each row among its siblings", () => {
  const rows = visibleRows(buildTree(FILES), open);
  expect(rows.filter((row) => row.level === 1).map((row) => [row.position, row.siblings])).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
});

it("hides what is in a closed folder", () => {
  const rows = visibleRows(buildTree(FILES), (path) => path !== "backend/app");
  expect(rows.map((row) => row.name)).toEqual(["backend/app", "web", "x.ts", "README.md"]);
});

it("has the files in the order of the tree", () => {
  expect(inOrder(buildTree(FILES)).map((each) => each.path)).toEqual([
    "backend/app/api/a.py",
    "backend/app/api/b.py",
    "backend/app/main.py",
    "web/x.ts",
    "README.md",
  ]);
});

it("moves by arrows, to the folder that a row is in, to the ends and to letters", () => {
  const rows = visibleRows(buildTree(FILES), open);
  const from = (path: string, key: string) => moved(rows, path, key)?.name;
  expect(from("backend/app", "ArrowDown")).toBe("api");
  expect(from("backend/app", "ArrowUp")).toBeUndefined();
  expect(from("backend/app", "ArrowRight")).toBe("api");
  expect(from("backend/app/api/b.py", "ArrowLeft")).toBe("api");
  expect(from("web/x.ts", "Home")).toBe("backend/app");
  expect(from("web/x.ts", "End")).toBe("README.md");
  expect(from("web/x.ts", "m")).toBe("main.py");
  expect(from("web/x.ts", "F5")).toBeUndefined();
});
