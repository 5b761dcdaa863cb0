import { Lock } from "lucide-react";
import { useMemo, useState } from "react";
import { inert } from "@/lib/text";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Disclosure } from "@/ui/disclosure";
import { Table } from "@/ui/table";
import { byTag, type Content, type Doc, type Operation, operationsOf, typeOf } from "./contract";
import { SchemaView } from "./schemas";

/** The contract: what the API does, by group; each operation opens. */
export function Operations({ openapi }: { openapi: Doc }) {
  const operations = useMemo(() => operationsOf(openapi), [openapi]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  if (operations.length === 0) return null;
  const all = open.size === operations.length;
  const toggle = (id: string, on: boolean) => {
    const next = new Set(open);
    if (on) next.add(id);
    else next.delete(id);
    setOpen(next);
  };
  const groups = byTag(operations);
  return (
    <Card
      title={`API contract (${operations.length} operations)`}
      actions={
        <Button
          size="small"
          kind="ghost"
          onClick={() => setOpen(new Set(all ? [] : operations.map(({ id }) => id)))}
        >
          {all ? "Close all" : "Open all"}
        </Button>
      }
    >
      {groups.map(([tag, members]) => (
        <section key={tag} className="not-first:mt-4">
          {tag && <h3 className="m-0 mb-1 text-[13px] font-semibold text-muted">{inert(tag)}</h3>}
          {members.map((operation) => (
            <Disclosure
              key={operation.id}
              className="border-line not-first:border-t"
              controlled={{
                open: open.has(operation.id),
                onToggle: (on) => toggle(operation.id, on),
              }}
              summary={<Signature operation={operation} />}
            >
              <Detail operation={operation} root={openapi} />
            </Disclosure>
          ))}
        </section>
      ))}
    </Card>
  );
}

const TONES: Record<string, Tone> = { GET: "info", POST: "ok", PUT: "warn", PATCH: "warn", DELETE: "bad" };

function Signature({ operation: { method, path, summary, secured } }: { operation: Operation }) {
  return (
    <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 py-1">
      <Badge tone={TONES[method]} className="w-16 justify-center font-mono">
        {method}
      </Badge>
      <code className="font-semibold break-all">{inert(path)}</code>
      {secured && <Lock role="img" aria-label="needs a sign-in" className="size-3.5 shrink-0 text-muted" />}
      <span className="min-w-0 text-muted">{inert(summary)}</span>
    </span>
  );
}

function Detail({ operation, root }: { operation: Operation; root: Doc }) {
  const { description, parameters, body, replies } = operation;
  return (
    <div className="flex flex-col gap-3 pt-1 pb-3 pl-5">
      {description && <p className="m-0 max-w-prose break-words whitespace-pre-wrap">{inert(description)}</p>}
      {parameters.length > 0 && (
        <Table label={`Parameters of ${inert(operation.id)}`} head={["Parameter", "In", "Type", "Notes"]}>
          {parameters.map((each) => (
            <tr key={`${each.place} ${each.name}`}>
              <td className="whitespace-nowrap">
                <code>{inert(each.name)}</code>
                {each.required && <span className="ml-1 text-xs text-muted">required</span>}
              </td>
              <td>{inert(each.place)}</td>
              <td>
                <code>{inert(each.type)}</code>
              </td>
              <td className="text-muted">{inert(each.description)}</td>
            </tr>
          ))}
        </Table>
      )}
      {body && (
        <Contents title={body.required ? "Body (required)" : "Body"} contents={body.contents} root={root} />
      )}
      {replies.map(({ status, description: says, contents }) => (
        <Contents key={status} title={`${status} ${says}`} contents={contents} root={root} reply={status} />
      ))}
    </div>
  );
}

function Contents({
  title,
  contents,
  root,
  reply,
}: {
  title: string;
  contents: Content[];
  root: Doc;
  reply?: string;
}) {
  const tone: Tone = reply === undefined ? "neutral" : reply.startsWith("2") ? "ok" : "neutral";
  return (
    <div className="min-w-0">
      <Badge tone={tone} className="max-w-full !whitespace-normal">
        {inert(title)}
      </Badge>
      {contents.map(({ media, schema }) => (
        <Disclosure
          key={media}
          summary={
            <>
              <code className="break-all">{inert(typeOf(schema))}</code>
              <span className="text-xs text-muted">{inert(media)}</span>
            </>
          }
        >
          <div className="pl-5">
            <SchemaView schema={schema} root={root} name={typeOf(schema)} />
          </div>
        </Disclosure>
      ))}
    </div>
  );
}
