/** Which files are listed, which one is shown, and how. */

import type { TaskTree } from "@/api/types";
import type { TreeFile } from "./tree";

export type Layout = "split" | "unified" | "text";

export function matching(files: TreeFile[], filter: string, changedOnly: boolean): TreeFile[] {
  const wanted = filter.trim().toLowerCase();
  return files.filter(
    (file) =>
      (wanted === "" || file.path.toLowerCase().includes(wanted)) &&
      (!changedOnly || file.status !== "unchanged"),
  );
}

/** What is shown where the address names no file: the first that changed, else the README, else the first. */
export function firstFile(files: TreeFile[], comparing: boolean): string | undefined {
  const changed = comparing ? files.find((file) => file.status !== "unchanged") : undefined;
  const readme = files.find((file) => file.path.toLowerCase() === "readme.md");
  return (changed ?? readme ?? files[0])?.path;
}

/** The file `by` places further along, staying at the ends. */
export function neighbour(files: TreeFile[], path: string | undefined, by: 1 | -1): string | undefined {
  const at = files.findIndex((file) => file.path === path);
  if (at === -1) return files[0]?.path;
  return files[Math.min(files.length - 1, Math.max(0, at + by))]?.path;
}

/** `d` goes between the two ways of showing changes. */
export function otherLayout(layout: Layout): Layout {
  return layout === "split" ? "unified" : "split";
}

export interface Totals {
  added: number;
  modified: number;
  deleted: number;
  additions: number;
  deletions: number;
}

export function totals(files: TreeFile[]): Totals {
  const sum = { added: 0, modified: 0, deleted: 0, additions: 0, deletions: 0 };
  for (const file of files) {
    if (file.status !== "unchanged") sum[file.status] += 1;
    sum.additions += file.additions;
    sum.deletions += file.deletions;
  }
  return sum;
}

/** The newest version before `ref` (the newest files when undefined), to compare with. */
export function previousVersion(versions: TaskTree["versions"], ref: string | undefined): string | undefined {
  const at = ref === undefined ? versions.length - 1 : versions.findIndex((each) => each.commit === ref);
  return at > 0 ? versions[at - 1]?.commit : undefined;
}

/** The line that the address names (`#L42`). */
export function lineOf(hash: string): number | null {
  const found = /^#?L(\d{1,7})$/.exec(hash);
  return found ? Number(found[1]) : null;
}
