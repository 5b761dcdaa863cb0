/** Text with a little formatting (headings, lists, bold, code, fences), made of elements: markup in it stays text. */

import { Fragment, type ReactNode } from "react";
import { inert } from "@/lib/text";

export function Markdown({ text }: { text: string }) {
  return <div className="flex flex-col gap-2 break-words">{blocks(inert(text))}</div>;
}

function blocks(text: string): ReactNode[] {
  const out: ReactNode[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    const key = at;
    if (line.startsWith("```")) {
      const end = lines.findIndex((each, index) => index > at && each.startsWith("```"));
      const stop = end === -1 ? lines.length : end;
      out.push(<Code key={key} text={lines.slice(at + 1, stop).join("\n")} />);
      at = stop + 1;
    } else if (/^\s*([-*]|\d+\.) /.test(line)) {
      const stop = run(lines, at, (each) => /^\s*([-*]|\d+\.) /.test(each));
      out.push(<List key={key} lines={lines.slice(at, stop)} />);
      at = stop;
    } else if (line.trim() === "") {
      at += 1;
    } else {
      const heading = /^(#{1,6}) (.*)$/.exec(line);
      const stop = heading
        ? at + 1
        : run(lines, at, (each) => each.trim() !== "" && !/^(```|#{1,6} |\s*([-*]|\d+\.) )/.test(each));
      out.push(
        heading ? (
          <p key={key} className="m-0 font-semibold">
            {inline(heading[2] ?? "")}
          </p>
        ) : (
          <p key={key} className="m-0 whitespace-pre-wrap">
            {inline(lines.slice(at, Math.max(stop, at + 1)).join("\n"))}
          </p>
        ),
      );
      at = Math.max(stop, at + 1);
    }
  }
  return out;
}

function run(lines: string[], from: number, holds: (line: string) => boolean): number {
  let at = from;
  while (at < lines.length && holds(lines[at] ?? "")) at += 1;
  return at;
}

function List({ lines }: { lines: string[] }) {
  return (
    <ul className="m-0 list-disc pl-5">
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the text does not change in place
        <li key={index}>{inline(line.replace(/^\s*([-*]|\d+\.) /, ""))}</li>
      ))}
    </ul>
  );
}

function Code({ text }: { text: string }) {
  return <pre className="m-0 overflow-x-auto rounded bg-sunken p-2 text-xs whitespace-pre">{text}</pre>;
}

function inline(text: string): ReactNode[] {
  return text.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/).map((part, index) => {
    const key = `${index}`;
    if (part.startsWith("`") && part.length > 2) {
      return (
        <code key={key} className="rounded bg-sunken px-1">
          {part.slice(1, -1)}
        </code>
      );
    }
    if (part.startsWith("**") && part.length > 4) return <strong key={key}>{part.slice(2, -2)}</strong>;
    return <Fragment key={key}>{part}</Fragment>;
  });
}
