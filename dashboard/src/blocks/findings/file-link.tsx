import { Link } from "@tanstack/react-router";
import { FileCode } from "lucide-react";
import { inert } from "@/lib/text";

/** A place in a task's files; `commit` is the version that the line was counted in, the newest when left out. */
export function FileLink({
  taskId,
  path,
  line,
  commit,
}: {
  taskId: string;
  path: string;
  line?: number | null;
  commit?: string;
}) {
  return (
    <Link
      to="/tasks/$taskId/files"
      params={{ taskId }}
      search={{ path, ref: commit, layout: "text" }}
      hash={line ? `L${line}` : undefined}
      className="inline-flex min-h-6 min-w-0 items-center gap-1 font-mono text-xs break-all text-accent underline underline-offset-2"
    >
      <FileCode aria-hidden="true" className="size-3.5 shrink-0" />
      {inert(path)}
      {line ? `:${line}` : ""}
    </Link>
  );
}
