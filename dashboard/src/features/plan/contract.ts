/** The contract as a list of operations. A model wrote the document: nothing in it is taken to have its right shape. */

export type Doc = Record<string, unknown>;

export interface Parameter {
  name: string;
  place: string;
  required: boolean;
  type: string;
  description: string;
}

export interface Content {
  media: string;
  schema: Doc;
}

export interface Reply {
  status: string;
  description: string;
  contents: Content[];
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  tag: string;
  summary: string;
  description: string;
  /** Whether it wants a sign-in. */
  secured: boolean;
  parameters: Parameter[];
  body: { required: boolean; contents: Content[] } | null;
  replies: Reply[];
}

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
const LONGEST_CHAIN = 16;

export function operationsOf(openapi: Doc): Operation[] {
  return Object.entries(record(openapi.paths)).flatMap(([path, raw]) => {
    const item = resolve(record(raw), openapi);
    return METHODS.filter((method) => isRecord(item[method])).map((method) =>
      operationOf(openapi, path, method, item),
    );
  });
}

/** The operations of each group, groups in the order in which they first come. */
export function byTag(operations: Operation[]): [tag: string, operations: Operation[]][] {
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  return tags.map((tag) => [tag, operations.filter((each) => each.tag === tag)]);
}

function operationOf(openapi: Doc, path: string, method: string, item: Doc): Operation {
  const operation = record(item[method]);
  const body = isRecord(operation.requestBody) ? resolve(operation.requestBody, openapi) : null;
  const [tag] = list(operation.tags);
  return {
    id: `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    tag: typeof tag === "string" ? tag : "",
    summary: text(operation.summary),
    description: text(operation.description),
    secured: list(operation.security ?? openapi.security).some(
      (each) => Object.keys(record(each)).length > 0,
    ),
    parameters: parametersOf(openapi, [...list(item.parameters), ...list(operation.parameters)]),
    body: body && { required: body.required === true, contents: contentsOf(body) },
    replies: Object.entries(record(operation.responses)).map(([status, raw]) => {
      const reply = resolve(record(raw), openapi);
      return { status, description: text(reply.description), contents: contentsOf(reply) };
    }),
  };
}

/** What an operation says of a parameter counts more than what its path says. */
function parametersOf(openapi: Doc, raw: unknown[]): Parameter[] {
  const found = new Map<string, Parameter>();
  for (const each of raw) {
    const parameter = resolve(record(each), openapi);
    const one = {
      name: text(parameter.name),
      place: text(parameter.in),
      required: parameter.required === true,
      type: typeOf(record(parameter.schema)),
      description: text(parameter.description),
    };
    found.set(`${one.place} ${one.name}`, one);
  }
  return [...found.values()];
}

function contentsOf(holder: Doc): Content[] {
  return Object.entries(record(holder.content)).map(([media, raw]) => ({
    media,
    schema: record(record(raw).schema),
  }));
}

export function schemasOf(openapi: Doc): [name: string, schema: Doc][] {
  return Object.entries(record(record(openapi.components).schemas)).map(([name, raw]) => [name, record(raw)]);
}

/** Through `$ref`s to what is meant; an address outside the document, or one that goes round, leads to nothing. */
export function resolve(value: Doc, root: Doc): Doc {
  let at = value;
  for (let hop = 0; typeof at.$ref === "string"; hop += 1) {
    if (hop === LONGEST_CHAIN || !at.$ref.startsWith("#/")) return {};
    const steps = at.$ref.slice(2).split("/");
    at = steps.reduce<Doc>(
      (inside, step) => record(inside[step.replaceAll("~1", "/").replaceAll("~0", "~")]),
      root,
    );
  }
  return at;
}

/** `string (email)`, `list of Todo`, `"a" | "b"`, `integer or null`: a type as people read it. */
export function typeOf(schema: Doc, depth = 0): string {
  if (depth > 6) return "…";
  if (typeof schema.$ref === "string") return schema.$ref.split("/").at(-1) ?? "";
  if (Array.isArray(schema.enum)) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema.const);
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) {
    return either
      .map((each) => (record(each).type === "null" ? "null" : typeOf(record(each), depth + 1)))
      .join(" or ");
  }
  if (Array.isArray(schema.allOf)) {
    return schema.allOf.map((each) => typeOf(record(each), depth + 1)).join(" and ");
  }
  if (schema.type === "array") return `list of ${typeOf(record(schema.items), depth + 1)}`;
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : text(schema.type);
  const format = text(schema.format);
  if (type === "") return isRecord(schema.properties) ? "object" : "any";
  return format === "" ? type : `${type} (${format})`;
}

const LIMITS: readonly [key: string, word: string][] = [
  ["minimum", "at least"],
  ["exclusiveMinimum", "above"],
  ["maximum", "at most"],
  ["exclusiveMaximum", "below"],
  ["minLength", "characters at least"],
  ["maxLength", "characters at most"],
  ["minItems", "items at least"],
  ["maxItems", "items at most"],
  ["default", "default"],
  ["pattern", "matches"],
];

/** What else holds of a value, in words. */
export function limitsOf(schema: Doc): string[] {
  return LIMITS.filter(([key]) => schema[key] !== undefined && schema[key] !== null).map(
    ([key, word]) => `${word} ${typeof schema[key] === "string" ? schema[key] : JSON.stringify(schema[key])}`,
  );
}

export interface Property {
  name: string;
  schema: Doc;
  required: boolean;
}

/** The properties of an object, or of the things in a list of them; those of all parts of an `allOf`. */
export function propertiesOf(schema: Doc, root: Doc, depth = 0): Property[] {
  const real = resolve(schema, root);
  if (depth > 6) return [];
  if (real.type === "array") return propertiesOf(record(real.items), root, depth + 1);
  const required = list(real.required);
  const own = Object.entries(record(real.properties)).map(([name, raw]) => ({
    name,
    schema: record(raw),
    required: required.includes(name),
  }));
  const parts = list(real.allOf ?? real.anyOf ?? real.oneOf).flatMap((part) =>
    propertiesOf(record(part), root, depth + 1),
  );
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...parts.filter(({ name }) => !names.has(name))];
}

function isRecord(value: unknown): value is Doc {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function record(value: unknown): Doc {
  return isRecord(value) ? value : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
