import type { SettingView } from "@/api/types";
import { inert } from "@/lib/text";

/** A value may be any JSON. */
export type Setting = Omit<SettingView, "value"> & { value?: unknown };

/** A setting's value as people read it; a secret only says whether it is there. */
export function valueWords({ value, secret, is_set }: Setting): string {
  if (secret) return is_set ? "set" : "not set";
  if (value == null || value === "") return "not set";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(String).map(inert).join(", ");
  if (typeof value === "object")
    return Object.keys(value).length === 0 ? "none" : inert(JSON.stringify(value));
  return inert(String(value));
}

/** Whether nothing is there to be read. */
export function isAbsent(setting: Setting): boolean {
  return ["not set", "none"].includes(valueWords(setting));
}

export const SOURCES: Record<SettingView["source"], string> = {
  default: "Default",
  environment: "Environment",
  file: ".env file",
};

/** Settings with these words in name, description or value; with `changed` only those that somebody set. */
export function matching(settings: readonly Setting[], words: string, changed: boolean): Setting[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return settings.filter((setting) => {
    if (changed && setting.source === "default") return false;
    const text =
      `${setting.name} ${setting.description ?? ""} ${setting.group} ${valueWords(setting)}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** By group, in the order in which the service names them. */
export function grouped(settings: readonly Setting[]): [group: string, settings: Setting[]][] {
  const groups = new Map<string, Setting[]>();
  for (const setting of settings) {
    const group = groups.get(setting.group);
    if (group) group.push(setting);
    else groups.set(setting.group, [setting]);
  }
  return [...groups];
}
