import { expect, test } from "vitest";
import { limitsOf, operationsOf, propertiesOf, resolve, schemasOf, typeOf } from "./contract";

const DOC = {
  openapi: "3.1.0",
  security: [{ bearer: [] }],
  paths: {
    "/todos/{id}": {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }],
      get: {
        summary: "Read one",
        tags: ["Todos"],
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } }],
        responses: {
          "200": {
            description: "Success",
            content: { "application/json": { schema: { $ref: "#/components/schemas/Todo" } } },
          },
          "404": { $ref: "#/components/responses/Missing" },
        },
      },
      post: { security: [], requestBody: { required: true, content: { "application/json": {} } } },
      "x-note": "no method",
    },
    "/broken": null,
  },
  components: {
    responses: { Missing: { description: "There is none" } },
    schemas: {
      Todo: {
        type: "object",
        required: ["title"],
        properties: {
          title: { type: "string", maxLength: 80 },
          parent: { $ref: "#/components/schemas/Todo" },
        },
      },
    },
  },
};

test("operations are listed with their path's parameters, which their own replace", () => {
  const [read, create, ...more] = operationsOf(DOC);
  expect(more).toEqual([]);
  expect(read).toMatchObject({ method: "GET", path: "/todos/{id}", tag: "Todos", secured: true });
  expect(read?.parameters).toEqual([
    { name: "id", place: "path", required: true, type: "string (uuid)", description: "" },
  ]);
  expect(read?.replies.map(({ status, description }) => [status, description])).toEqual([
    ["200", "Success"],
    ["404", "There is none"],
  ]);
  expect(create).toMatchObject({ method: "POST", secured: false, body: { required: true } });
});

test("a document of another shape is read as far as it goes, and no further", () => {
  for (const odd of [{}, { paths: [] }, { paths: { "/a": { get: 3, post: { responses: "no" } } } }]) {
    expect(() => operationsOf(odd as Record<string, unknown>)).not.toThrow();
  }
  expect(schemasOf({ components: { schemas: null } })).toEqual([]);
});

test("types read as people say them", () => {
  expect(typeOf({ type: "array", items: { $ref: "#/components/schemas/Todo" } })).toBe("list of Todo");
  expect(typeOf({ anyOf: [{ type: "string", format: "date" }, { type: "null" }] })).toBe(
    "string (date) or null",
  );
  expect(typeOf({ enum: ["open", "done"] })).toBe('"open" | "done"');
  expect(typeOf({})).toBe("any");
  expect(limitsOf({ minimum: 0, maxLength: 80 })).toEqual(["at least 0", "characters at most 80"]);
});

test("properties are those of what is referred to, and of all its parts", () => {
  expect(
    propertiesOf({ $ref: "#/components/schemas/Todo" }, DOC).map(({ name, required }) => [name, required]),
  ).toEqual([
    ["title", true],
    ["parent", false],
  ]);
  const both = { allOf: [{ $ref: "#/components/schemas/Todo" }, { properties: { id: {} } }] };
  expect(propertiesOf(both, DOC).map(({ name }) => name)).toEqual(["title", "parent", "id"]);
});

test("references that go round or out of the document lead to nothing", () => {
  const round = { a: { $ref: "#/b" }, b: { $ref: "#/a" } };
  expect(resolve({ $ref: "#/a" }, round)).toEqual({});
  expect(resolve({ $ref: "https://example.com/x" }, round)).toEqual({});
});
