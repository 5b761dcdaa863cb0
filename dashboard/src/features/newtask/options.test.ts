import { expect, test } from "vitest";
import { optionsOf } from "./options";
import { optionFields } from "./schema";

const SCHEMA = {
  $defs: {
    Mode: { enum: ["plan", "apply"], type: "string" },
    Limits: {
      type: "object",
      required: ["files"],
      properties: { files: { type: "integer", minimum: 1 }, note: { type: "string" } },
    },
  },
  type: "object",
  required: ["repo"],
  properties: {
    repo: { type: "string", title: "Repo", description: "owner/name" },
    base_branch: { anyOf: [{ type: "string" }, { type: "null" }], default: null, title: "Base Branch" },
    mode: { $ref: "#/$defs/Mode", default: "plan" },
    share: { type: "number", exclusiveMinimum: 0, maximum: 1 },
    draft: { type: "boolean", default: true },
    paths: { type: "array", items: { type: "string" }, default: [] },
    limits: { anyOf: [{ $ref: "#/$defs/Limits" }, { type: "null" }] },
    matrix: { type: "array", items: { type: "array" } },
    anything: {},
  },
};

test("each type of a JSON Schema becomes a field, and what none fits is typed as JSON", () => {
  const kinds = Object.fromEntries(optionFields(SCHEMA).map(({ name, kind }) => [name, kind]));
  expect(kinds).toEqual({
    repo: "text",
    base_branch: "text",
    mode: "choice",
    share: "number",
    draft: "boolean",
    paths: "lines",
    limits: "group",
    matrix: "json",
    anything: "json",
  });
});

test("a field says its label, hint and default, and its path below a group", () => {
  const [repo, branch, mode] = optionFields(SCHEMA);
  expect(repo).toMatchObject({ label: "Repo", hint: "owner/name", required: true });
  expect(branch?.label).toBe("Base branch");
  expect(mode).toMatchObject({ fallback: "plan", choices: ["plan", "apply"] });
  const limits = optionFields(SCHEMA).find(({ name }) => name === "limits");
  expect(limits?.fields.map(({ path }) => path)).toEqual(["limits.files", "limits.note"]);
});

test("what was typed is sent with its type, and what was left empty is left out", () => {
  const { value, errors } = optionsOf(optionFields({ ...SCHEMA, $defs: SCHEMA.$defs }), {
    repo: "ada/shop",
    mode: "apply",
    share: "0.5",
    draft: false,
    paths: "src/\n\n docs/ ",
    "limits.files": "3",
    matrix: "[[1]]",
    base_branch: "",
  });
  expect(errors).toEqual({});
  expect(value).toEqual({
    repo: "ada/shop",
    mode: "apply",
    share: 0.5,
    draft: false,
    paths: ["src/", "docs/"],
    limits: { files: 3 },
    matrix: [[1]],
  });
});

test("what cannot be read is named beside its field before anything is sent", () => {
  const { errors } = optionsOf(optionFields(SCHEMA), {
    share: "2",
    "limits.files": "1.5",
    matrix: "[",
  });
  expect(errors.repo).toBe("This is needed");
  expect(errors.share).toBe("At most 1");
  expect(errors["limits.files"]).toBe("This has to be a whole number");
  expect(errors.matrix).toMatch(/^This is not JSON/);
});

test("an optional group with nothing in it is left out, though a field of it is required", () => {
  const { value, errors } = optionsOf(optionFields(SCHEMA), { repo: "ada/shop" });
  expect(errors).toEqual({});
  expect(value).toEqual({ repo: "ada/shop" });
});

test("a schema that refers to itself ends", () => {
  const loop = { $defs: { A: { type: "object", properties: { a: { $ref: "#/$defs/A" } } } }, $ref: "" };
  expect(optionFields({ ...loop, properties: { a: { $ref: "#/$defs/A" } } })).toHaveLength(1);
});
