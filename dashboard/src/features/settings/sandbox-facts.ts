/** What the health of the service says of its sandbox, read with care: an older or newer service may say it otherwise. */

export interface SandboxFacts {
  backend: string;
  ok: boolean;
  isolation: string;
  enforced: string[];
  reason: string;
  fix: string;
}

export function sandboxFacts(raw: unknown): SandboxFacts | null {
  if (raw === null || typeof raw !== "object") return null;
  const found = raw as Record<string, unknown>;
  const text = (name: string) => (typeof found[name] === "string" ? (found[name] as string) : "");
  if (text("backend") === "") return null;
  const { enforced } = found;
  return {
    backend: text("backend"),
    ok: found.ok === true,
    isolation: text("isolation"),
    enforced: Array.isArray(enforced) ? enforced.filter((each) => typeof each === "string") : [],
    reason: text("reason"),
    fix: text("fix"),
  };
}

/** `71 GB`, `812 MB`. */
export function room(mb: number): string {
  return mb >= 1_000 ? `${(mb / 1_000).toFixed(mb < 10_000 ? 1 : 0)} GB` : `${mb} MB`;
}
