import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { Disclosure } from "@/ui/disclosure";
import { Table } from "@/ui/table";
import { type Doc, limitsOf, type Property, propertiesOf, resolve, schemasOf, typeOf } from "./contract";

const DEEPEST = 5;

export function Schemas({ openapi }: { openapi: Doc }) {
  const schemas = schemasOf(openapi);
  if (schemas.length === 0) return null;
  return (
    <Card title={`Schemas (${schemas.length})`}>
      {schemas.map(([name, schema]) => (
        <Disclosure
          key={name}
          summary={
            <>
              <code className="font-semibold break-all">{inert(name)}</code>
              <span className="text-xs text-muted">
                {plural(propertiesOf(schema, openapi).length, "property", "properties")}
              </span>
            </>
          }
        >
          <div className="pb-2 pl-5">
            <SchemaView schema={schema} root={openapi} name={name} />
          </div>
        </Disclosure>
      ))}
    </Card>
  );
}

/** The properties of a schema; those that have some of their own can be opened in turn. */
export function SchemaView({
  schema,
  root,
  name,
  depth = 0,
}: {
  schema: Doc;
  root: Doc;
  name: string;
  depth?: number;
}) {
  const properties = propertiesOf(schema, root);
  if (properties.length === 0) {
    const real = resolve(schema, root);
    return (
      <p className="m-0 text-muted">
        <code>{inert(typeOf(real))}</code> {limitsOf(real).map(inert).join(", ")}
      </p>
    );
  }
  return (
    <Table label={`Properties of ${inert(name)}`} head={["Name", "Type", "Notes"]}>
      {properties.map((property) => (
        <Row key={property.name} property={property} root={root} depth={depth} />
      ))}
    </Table>
  );
}

function Row({
  property: { name, schema, required },
  root,
  depth,
}: {
  property: Property;
  root: Doc;
  depth: number;
}) {
  const type = inert(typeOf(schema));
  const deeper = depth < DEEPEST && propertiesOf(schema, root).length > 0;
  const description = typeof schema.description === "string" ? schema.description : "";
  return (
    <tr>
      <td className="whitespace-nowrap">
        <code>{inert(name)}</code>
        {required && <span className="ml-1 text-xs text-muted">required</span>}
      </td>
      <td className="min-w-32">
        {deeper ? (
          <Disclosure summary={<code>{type}</code>}>
            <SchemaView schema={schema} root={root} name={name} depth={depth + 1} />
          </Disclosure>
        ) : (
          <code className="break-words">{type}</code>
        )}
      </td>
      <td className="min-w-40 text-muted">
        {inert(description)}
        {limitsOf(schema).map((limit) => (
          <div key={limit} className="text-xs break-all">
            {inert(limit)}
          </div>
        ))}
      </td>
    </tr>
  );
}
