import { Link } from "@tanstack/react-router";
import { ExternalLink, FolderOutput, GitFork, GitPullRequest } from "lucide-react";
import type { ReactNode } from "react";
import type { Task } from "@/api/types";
import { httpUrl, requestName } from "@/lib/links";
import { inert } from "@/lib/text";
import { CopyButton } from "@/ui/copy";
import { DemoControls } from "./demo";

/** What there is to go to: the pull request, the demo, the files on disk, the task this one was forked from. */
export function Outcome({ task }: { task: Task }) {
  const request = httpUrl(task.pr_url);
  const origin = task.forked_from;
  return (
    <>
      {request && (
        <Item Icon={GitPullRequest}>
          <a
            href={request}
            target="_blank"
            rel="noreferrer"
            className="inline-flex min-h-6 items-center gap-1 text-accent"
          >
            Pull request {requestName(request)}
            <ExternalLink aria-label="opens in a new tab" role="img" className="size-3" />
          </a>
        </Item>
      )}
      {task.pr_url && !request && (
        <Item Icon={GitPullRequest}>
          <span className="shrink-0 text-muted">Pull request</span>
          <code className="min-w-0 break-all">{inert(task.pr_url)}</code>
          <CopyButton compact text={task.pr_url} label="Copy where the pull request is" />
        </Item>
      )}
      <DemoControls task={task} />
      {task.output_path && (
        <Item Icon={FolderOutput}>
          <code className="min-w-0 break-all">{inert(task.output_path)}</code>
          <CopyButton compact text={task.output_path} label="Copy the output path" />
        </Item>
      )}
      {origin && (
        <Item Icon={GitFork}>
          <span className="text-muted">Fork of</span>
          <Link
            to="/tasks/$taskId/state"
            params={{ taskId: origin.task_id }}
            search={{ checkpoint: origin.checkpoint_id }}
            className="inline-flex min-h-6 items-center text-accent"
          >
            {origin.task_id}
          </Link>
          {origin.continues && <span className="text-muted">· onto its pull request</span>}
        </Item>
      )}
      {origin?.feedback && (
        <p className="m-0 w-full min-w-0 break-words text-muted">
          To be different: <span className="text-text">{inert(origin.feedback)}</span>
        </p>
      )}
    </>
  );
}

function Item({ Icon, children }: { Icon: typeof GitFork; children: ReactNode }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5">
      <Icon aria-hidden="true" className="size-4 shrink-0 text-muted" />
      {children}
    </span>
  );
}
