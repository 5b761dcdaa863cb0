/** A workflow's options as fields of a form, from their JSON Schema; what no field can be made of is typed as JSON. */

type Schema = Record<string, unknown>;

export type FieldKind = "text" | "number" | "integer" | "boolean" | "choice" | "lines" | "json" | "group";

export interface OptionField {
  /** `parent.child`: what the service calls it when it objects. */
  path: string;
  name: string;
  kind: FieldKind;
  label: string;
  hint: string;
  required: boolean;
  /** What holds when it is left empty, as shown. */
  fallback: string;
  /** Of a choice, the values; shown as text. */
  choices: unknown[];
  fields: OptionField[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

const DEEPEST = 4;

export function optionFields(schema: Schema): OptionField[] {
  return propertiesOf(schema, schema, "", 0);
}

function propertiesOf(schema: Schema, root: Schema, prefix: string, depth: number): OptionField[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(asSchema(schema.properties)).map(([name, raw]) =>
    fieldOf(name, asSchema(raw), root, prefix, required.includes(name), depth),
  );
}

function fieldOf(
  name: string,
  raw: Schema,
  root: Schema,
  prefix: string,
  required: boolean,
  depth: number,
): OptionField {
  const schema = { ...resolved(raw, root), ...described(raw) };
  const path = prefix + name;
  const kind = kindOf(schema, root, depth);
  return {
    path,
    name,
    kind,
    label: labelOf(name, schema),
    hint: typeof schema.description === "string" ? schema.description : "",
    required,
    fallback: shown(schema.default),
    choices: kind === "choice" ? choicesOf(schema) : [],
    fields: kind === "group" ? propertiesOf(schema, root, `${path}.`, depth + 1) : [],
    minimum: asNumber(schema.minimum ?? schema.exclusiveMinimum),
    maximum: asNumber(schema.maximum ?? schema.exclusiveMaximum),
    maxLength: asNumber(schema.maxLength),
  };
}

/** What stands beside a `$ref` or `anyOf` says more of this field than what they lead to. */
function described(raw: Schema): Schema {
  const named = Object.entries(raw).filter(([key]) => ["title", "description", "default"].includes(key));
  return Object.fromEntries(named);
}

/** Through references and "or null" to what is meant. */
function resolved(schema: Schema, root: Schema, hops = 0): Schema {
  if (hops > 8) return {};
  if (typeof schema.$ref === "string") return resolved(lookup(schema.$ref, root), root, hops + 1);
  const either = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (Array.isArray(either)) {
    const real = either.map(asSchema).filter((each) => each.type !== "null");
    const [only] = real;
    if (only && real.length === 1) return resolved(only, root, hops + 1);
  }
  if (Array.isArray(schema.type)) {
    const real = schema.type.filter((each) => each !== "null");
    if (real.length === 1) return { ...schema, type: real[0] };
  }
  return schema;
}

function lookup(reference: string, root: Schema): Schema {
  if (!reference.startsWith("#/")) return {};
  const steps = reference.slice(2).split("/");
  return steps.reduce<Schema>(
    (at, step) => asSchema(at[step.replaceAll("~1", "/").replaceAll("~0", "~")]),
    root,
  );
}

function kindOf(schema: Schema, root: Schema, depth: number): FieldKind {
  if (choicesOf(schema).length > 0) return "choice";
  switch (schema.type) {
    case "string":
      return "text";
    case "number":
    case "integer":
    case "boolean":
      return schema.type;
    case "array":
      return linesOf(schema, root) ? "lines" : "json";
    case "object":
      return depth < DEEPEST && Object.keys(asSchema(schema.properties)).length > 0 ? "group" : "json";
    default:
      return "json";
  }
}

function linesOf(schema: Schema, root: Schema): boolean {
  return resolved(asSchema(schema.items), root).type === "string";
}

function choicesOf(schema: Schema): unknown[] {
  if (Array.isArray(schema.enum)) return schema.enum.filter((each) => each !== null);
  return "const" in schema ? [schema.const] : [];
}

/** pydantic's title of `max_pages` is "Max Pages"; people read "Max pages". */
function labelOf(name: string, schema: Schema): string {
  const words = name.replaceAll("_", " ");
  const derived = words.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
  const own = typeof schema.title === "string" && schema.title !== derived ? schema.title : words;
  return own.charAt(0).toUpperCase() + own.slice(1);
}

export function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function asSchema(value: unknown): Schema {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Schema) : {};
}

function asNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
