/** The house of the dashboard: who may import whom. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = resolve(import.meta.dirname);
/** From the lowest; each may import what stands before it, and itself. `testing` is for tests only. */
const LAYERS = ["lib", "ui", "api", "live", "blocks", "features", "app"];
/** The error panel asks for the key, and speaks of problems: the two lowest layers know each other's plainest files. */
const ALLOWED = new Set(["ui/states.tsx -> api/key", "ui/states.tsx -> api/problem"]);

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return /\.tsx?$/.test(entry.name) && !/\.(test|d)\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** Every import of a file of ours, both as paths below `src`. */
function imports(): [from: string, to: string][] {
  return files(SRC).flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const named = [...text.matchAll(/(?:from|import)\s*\(?\s*"((?:@\/|\.)[^"]*)"/g)].map(
      (found) => found[1] ?? "",
    );
    return named.map((name): [string, string] => {
      const target = name.startsWith("@/") ? name.slice(2) : relative(SRC, resolve(dirname(file), name));
      return [relative(SRC, file), target];
    });
  });
}

const layer = (path: string) => path.split("/")[0] ?? "";
const all = imports().filter(([from]) => layer(from) !== "testing" && from.includes("/"));

describe("the layers of the dashboard", () => {
  it("import downwards only", () => {
    expect(all.length).toBeGreaterThan(100);
    const upwards = all
      .filter(([, to]) => LAYERS.includes(layer(to)))
      .filter(([from, to]) => LAYERS.indexOf(layer(to)) > LAYERS.indexOf(layer(from)))
      .map(([from, to]) => `${from} -> ${to}`)
      .filter((each) => !ALLOWED.has(each));
    expect(upwards).toEqual([]);
  });

  it("have features that do not know each other", () => {
    const feature = (path: string) => path.split("/").slice(0, 2).join("/");
    const across = all.filter(
      ([from, to]) => layer(from) === "features" && layer(to) === "features" && feature(from) !== feature(to),
    );
    expect(across).toEqual([]);
  });

  it("keep code of tests out of the page", () => {
    expect(all.filter(([, to]) => layer(to) === "testing")).toEqual([]);
  });

  it("have files of four hundred lines at most", () => {
    const long = files(SRC).filter((file) => readFileSync(file, "utf8").split("\n").length > 400);
    expect(long).toEqual([]);
  });
});
