import { Link } from "@tanstack/react-router";
import {
  CircleAlert,
  CircleCheck,
  CircleX,
  Coins,
  CornerUpLeft,
  ExternalLink,
  GitCommitHorizontal,
  GitFork,
  Info,
  MessagesSquare,
  MonitorPlay,
  Scale,
  ScrollText,
  Upload,
  UserRound,
} from "lucide-react";
import type { Finding, TaskEvent } from "@/api/types";
import { agentTitle } from "@/lib/format";
import { inert } from "@/lib/text";
import { cx } from "@/ui/cx";
import { BoundedText } from "./bounded";
import type { NoteRow } from "./rows";
import { type Words, webAddress, wordsOf } from "./words";

const SIGNS: Record<Words["sign"], typeof Info> = {
  ok: CircleCheck,
  bad: CircleX,
  info: Info,
  warn: CircleAlert,
  commit: GitCommitHorizontal,
  route: CornerUpLeft,
  person: UserRound,
  out: Upload,
  demo: MonitorPlay,
  fork: GitFork,
  money: Coins,
  review: Scale,
  talk: MessagesSquare,
  contract: ScrollText,
};
const TONES: Record<Words["tone"], string> = {
  neutral: "text-muted",
  ok: "text-ok",
  warn: "text-warn",
  bad: "text-bad",
  info: "text-info",
  accent: "text-accent",
};

/** One line of what happened; opened, all of it. */
export function Note({ row, open }: { row: NoteRow; open: boolean }) {
  const { tone, sign, title, detail } = wordsOf(row.event);
  const Icon = SIGNS[sign];
  return (
    <div className="min-w-0">
      <div className={cx("flex min-h-7 min-w-0 gap-2 text-[13px]", open ? "items-baseline" : "items-center")}>
        <Icon aria-hidden="true" className={cx("size-4 shrink-0 self-center", TONES[tone])} />
        <span
          className={cx(
            "font-medium",
            TONES[tone],
            open ? "break-words" : "truncate",
            detail && "shrink-0 max-w-[60%]",
          )}
        >
          {inert(title.slice(0, 2_000))}
        </span>
        {detail && (
          <span className={cx("min-w-0 text-muted", open ? "break-words" : "truncate")}>
            {inert(detail.slice(0, 2_000))}
          </span>
        )}
      </div>
      {open && <Behind event={row.event} />}
    </div>
  );
}

function Behind({ event }: { event: TaskEvent }) {
  return (
    <div className="mt-2 flex flex-col gap-2 pl-6">
      <Particulars event={event} />
      <BoundedText label="Event" text={JSON.stringify(event, null, 2)} />
    </div>
  );
}

function Particulars({ event }: { event: TaskEvent }) {
  switch (event.type) {
    case "test":
      return <Findings findings={event.result.findings} />;
    case "review":
    case "routed":
      return <Findings findings={event.findings} />;
    case "agent.finished":
      return <Paths paths={event.files} />;
    case "artifact":
      return <Paths paths={event.paths} commit={event.commit} />;
    case "contract.amended":
      return <Changes lines={event.changes} />;
    case "published":
      return <Address address={event.reference} />;
    case "demo.started":
      return <Address address={event.url} />;
    default:
      return event.type.startsWith("interrupt.") ? (
        <Link to="/inbox" className="inline-flex min-h-6 items-center self-start text-accent">
          Open the inbox
        </Link>
      ) : null;
  }
}

/** An address that the service made; it leads out of the dashboard. */
function Address({ address }: { address: string }) {
  const href = webAddress(address);
  if (href === null) return null;
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className="inline-flex items-center gap-1 self-start break-all text-accent"
    >
      {href}
      <ExternalLink aria-hidden="true" className="size-3.5 shrink-0" />
    </a>
  );
}

const MOST = 50;

function Findings({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <ul className="m-0 flex list-none flex-col gap-1.5 p-0 text-[13px]">
      {findings.slice(0, MOST).map((finding, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: findings of an event do not move
        <li key={index} className="break-words">
          <span className={finding.severity === "low" ? "text-muted" : "text-bad"}>{finding.severity}</span>
          {finding.file && (
            <>
              {" "}
              <FileLink path={finding.file} line={finding.line} />
            </>
          )}{" "}
          {inert(finding.message.slice(0, 1_000))}
          {finding.owner && <span className="text-muted"> · {agentTitle(finding.owner)}</span>}
        </li>
      ))}
      <Rest count={findings.length - MOST} />
    </ul>
  );
}

function Paths({ paths, commit }: { paths: readonly string[]; commit?: string }) {
  if (paths.length === 0) return null;
  return (
    <ul className="m-0 grid list-none gap-0.5 p-0 text-[13px] sm:grid-cols-2">
      {paths.slice(0, MOST).map((path) => (
        <li key={path} className="min-w-0 break-all">
          <FileLink path={path} commit={commit} />
        </li>
      ))}
      <Rest count={paths.length - MOST} />
    </ul>
  );
}

/** Lines of the contract that went and came. */
function Changes({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <ul className="m-0 grid list-none gap-0.5 p-0 font-mono text-xs">
      {lines.slice(0, MOST).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of an event do not move
        <li key={index} className={cx("break-words", line.startsWith("-") ? "text-bad" : "text-ok")}>
          {inert(line)}
        </li>
      ))}
      <Rest count={lines.length - MOST} />
    </ul>
  );
}

function Rest({ count }: { count: number }) {
  return count > 0 ? <li className="text-muted">and {count} more</li> : null;
}

function FileLink({ path, line, commit }: { path: string; line?: number | null; commit?: string }) {
  return (
    <Link
      from="/tasks/$taskId"
      to="/tasks/$taskId/files"
      search={{ path, ref: commit }}
      className="inline-block min-h-6 font-mono text-xs break-all text-accent"
    >
      {inert(path)}
      {line != null && `:${line}`}
    </Link>
  );
}
