import type { VersionView } from "@/api/types";

export interface Pair {
  base: number;
  version: number;
}

/** Which two versions are compared: those that were wished for as far as they are kept, else a version and the one before it. */
export function pair(versions: readonly VersionView[], wanted?: number, base?: number): Pair | null {
  const kept = versions.map((each) => each.version).sort((a, b) => a - b);
  const version = wanted !== undefined && kept.includes(wanted) ? wanted : kept.at(-1);
  if (version === undefined) return null;
  if (base !== undefined && base !== version && kept.includes(base)) return { base, version };
  const before = kept.filter((each) => each < version).at(-1);
  return before === undefined ? null : { base: before, version };
}
