/** What was typed into a workflow's fields, as the options that are sent. */

import type { OptionField } from "./schema";

/** By path, as it was typed; what was not touched is not there. */
export type Typed = Record<string, string | boolean>;

export interface Options {
  value: Record<string, unknown>;
  /** By path: what is wrong with what was typed. */
  errors: Record<string, string>;
}

/** What was left empty is left out: the service then takes its own default. */
export function optionsOf(fields: OptionField[], typed: Typed): Options {
  const value: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    if (field.kind === "group") {
      // An optional group that nobody touched is left out, whatever it would need.
      if (!field.required && !touched(field, typed)) continue;
      const inner = optionsOf(field.fields, typed);
      Object.assign(errors, inner.errors);
      value[field.name] = inner.value;
      continue;
    }
    const raw = typed[field.path];
    const read = raw === undefined || raw === "" ? missing(field) : readField(field, raw);
    if (read.error !== undefined) errors[field.path] = read.error;
    else if (read.value !== undefined) value[field.name] = read.value;
  }
  return { value, errors };
}

function touched(group: OptionField, typed: Typed): boolean {
  return Object.entries(typed).some(([path, raw]) => path.startsWith(`${group.path}.`) && raw !== "");
}

interface Read {
  value?: unknown;
  error?: string;
}

function missing(field: OptionField): Read {
  if (!field.required || field.fallback !== "") return {};
  return field.kind === "boolean" ? { value: false } : { error: "This is needed" };
}

function readField(field: OptionField, raw: string | boolean): Read {
  if (typeof raw === "boolean") return { value: raw };
  switch (field.kind) {
    case "number":
    case "integer":
      return readNumber(field, raw);
    case "choice":
      return { value: field.choices.find((each) => String(each) === raw) };
    case "lines":
      return {
        value: raw
          .split("\n")
          .map((line) => line.trim())
          .filter(Boolean),
      };
    case "json":
      return readJson(raw);
    default:
      return { value: raw };
  }
}

function readNumber({ kind, minimum, maximum }: OptionField, raw: string): Read {
  const value = Number(raw);
  if (raw.trim() === "" || !Number.isFinite(value)) return { error: "This is not a number" };
  if (kind === "integer" && !Number.isInteger(value)) return { error: "This has to be a whole number" };
  if (minimum !== undefined && value < minimum) return { error: `At least ${minimum}` };
  if (maximum !== undefined && value > maximum) return { error: `At most ${maximum}` };
  return { value };
}

function readJson(raw: string): Read {
  try {
    return { value: JSON.parse(raw) as unknown };
  } catch (error) {
    return { error: `This is not JSON: ${error instanceof Error ? error.message : "unreadable"}` };
  }
}
