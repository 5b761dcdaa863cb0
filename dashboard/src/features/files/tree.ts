/** Files as a tree of folders, and the rows of it that can be seen. */

import type { TaskTree } from "@/api/types";

export type TreeFile = TaskTree["files"][number];

export interface Folder {
  kind: "folder";
  /** With folders that have nothing but this one in them: `backend/app`. */
  name: string;
  path: string;
  folders: Folder[];
  files: TreeFile[];
  /** Files in it, at any depth. */
  count: number;
}

export interface Row {
  path: string;
  name: string;
  level: number;
  /** Its place among its siblings, from 1. */
  position: number;
  siblings: number;
  /** None for a file. */
  open?: boolean;
  count?: number;
  file?: TreeFile;
}

/** Beyond so many files, folders begin closed. */
export const MANY_FILES = 300;

export function buildTree(files: TreeFile[]): Folder {
  const root = folder("", "");
  for (const file of files) {
    const parts = file.path.split("/");
    let at = root;
    for (let depth = 0; depth < parts.length - 1; depth += 1) {
      const path = parts.slice(0, depth + 1).join("/");
      let next = at.folders.find((each) => each.path === path);
      if (next === undefined) {
        next = folder(parts[depth] ?? "", path);
        at.folders.push(next);
      }
      at = next;
    }
    at.files.push(file);
  }
  finish(root);
  return root;
}

function folder(name: string, path: string): Folder {
  return { kind: "folder", name, path, folders: [], files: [], count: 0 };
}

/** Sorts, counts, and joins folders that have but one folder in them. */
function finish(at: Folder): void {
  at.folders = at.folders.map((child) => {
    let only = child;
    let name = child.name;
    while (only.files.length === 0 && only.folders.length === 1 && only.folders[0]) {
      only = only.folders[0];
      name = `${name}/${only.name}`;
    }
    only.name = name;
    finish(only);
    return only;
  });
  at.folders.sort((one, other) => one.name.localeCompare(other.name));
  at.files.sort((one, other) => one.path.localeCompare(other.path));
  at.count = at.files.length + at.folders.reduce((sum, each) => sum + each.count, 0);
}

export function visibleRows(root: Folder, isOpen: (path: string) => boolean): Row[] {
  const rows: Row[] = [];
  walk(root, 1, isOpen, rows);
  return rows;
}

function walk(at: Folder, level: number, isOpen: (path: string) => boolean, rows: Row[]): void {
  const siblings = at.folders.length + at.files.length;
  at.folders.forEach((child, index) => {
    const open = isOpen(child.path);
    const { path, name, count } = child;
    rows.push({ path, name, level, position: index + 1, siblings, open, count });
    if (open) walk(child, level + 1, isOpen, rows);
  });
  at.files.forEach((file, index) => {
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    rows.push({ path: file.path, name, level, position: at.folders.length + index + 1, siblings, file });
  });
}

/** Files in the order in which the tree has them. */
export function inOrder(root: Folder): TreeFile[] {
  return [...root.folders.flatMap(inOrder), ...root.files];
}

/** Whether `path` lies in the folder `at`. */
export function isWithin(path: string, at: string): boolean {
  return path.startsWith(`${at}/`);
}

/** The row that the focus goes to from `path` for a key, if it goes anywhere. */
export function moved(rows: Row[], path: string, key: string): Row | undefined {
  const at = rows.findIndex((row) => row.path === path);
  const row = rows[at];
  switch (key) {
    case "ArrowDown":
      return rows[at + 1];
    case "ArrowUp":
      return rows[at - 1];
    case "Home":
      return rows[0];
    case "End":
      return rows.at(-1);
    case "ArrowRight":
      return row?.open ? rows[at + 1] : undefined;
    case "ArrowLeft":
      return row && rows.slice(0, at).findLast((each) => each.level < row.level);
    default:
      return key.length === 1 ? named(rows, at, key.toLowerCase()) : undefined;
  }
}

/** The next row, round the end, whose name begins with a letter. */
function named(rows: Row[], at: number, letter: string): Row | undefined {
  return [...rows.slice(at + 1), ...rows.slice(0, at)].find((row) =>
    row.name.toLowerCase().startsWith(letter),
  );
}
