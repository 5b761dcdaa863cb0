import type { AuditEntry } from "@/api/types";

/** What was done, to what: the method and the address as it was asked for, or the act and its object. */
export function actWords({ action, target = "" }: Pick<AuditEntry, "action" | "target">): string {
  const method = /^([A-Z]+) \//.exec(action)?.[1];
  if (method && target.startsWith("/")) return `${method} ${target}`;
  return target === "" ? action : `${action} ${target}`;
}
