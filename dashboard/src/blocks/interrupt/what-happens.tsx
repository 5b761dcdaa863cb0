/** What an approval sets in motion: where the work goes, what it replaces there, and what does not happen. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, Files, FolderGit2, GitBranch, GitPullRequest } from "lucide-react";
import { queries } from "@/api/queries";
import type { Health } from "@/api/types";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Line, Lines, More, Part } from "./part";
import type { Evidence, Target } from "./payload";

const ICON = "size-4 text-muted";
const HOSTS = [
  ["github", "GitHub", "github_token", "github_repo"],
  ["gitlab", "GitLab", "gitlab_token", "gitlab_project"],
  ["bitbucket", "Bitbucket", "bitbucket_token", "bitbucket_repo"],
] as const;

/** `owner/name on GitHub`; null where the settings are not known. They are chosen from as the service does. */
export function repository(config: Health["config"]): string | null {
  if (!config) return null;
  const named = config.code_host ?? "auto";
  if (named === "local") return null;
  const host = HOSTS.find(([name, , token, repo]) =>
    named === "auto" ? config[token] && config[repo] : name === named,
  );
  const repo = host && config[host[3]];
  return typeof repo === "string" ? `${repo} on ${host?.[1]}` : null;
}

export function WhatHappens({
  evidence,
  taskId,
  open,
}: {
  evidence: Evidence;
  taskId: string;
  open: boolean;
}) {
  const { data: health } = useQuery(queries.health());
  const { target, branch, head } = evidence;
  return (
    <Part title={open ? "When you approve" : "What an approval does"}>
      <Lines>
        <Line icon={<FolderGit2 aria-hidden="true" className={ICON} />}>
          {repository(health?.config) ?? "The local repository of this installation"}
        </Line>
        <Line icon={<GitBranch aria-hidden="true" className={ICON} />}>
          {target?.onto ? "One more commit on branch" : "A new branch"}{" "}
          <code className="break-all">{inert(branch)}</code>
          {target?.base && !target.onto && (
            <>
              , against <code>{inert(target.base)}</code>
            </>
          )}
        </Line>
        <Line icon={<Files aria-hidden="true" className={ICON} />}>
          {plural(evidence.files, "file")}, {plural(evidence.additions, "line")}.{" "}
          <Link
            to="/tasks/$taskId/files"
            params={{ taskId }}
            search={{ ref: head }}
            className="text-accent underline underline-offset-2"
          >
            Look at the files
          </Link>
          {target && <Replaced target={target} />}
        </Line>
        <Line icon={<GitPullRequest aria-hidden="true" className={ICON} />}>
          {target?.onto ? "The pull request gets that commit." : "A pull request is opened."} Nothing is
          merged or deployed. What leaves is exactly commit <code>{inert(head.slice(0, 8))}</code>.
        </Line>
        {target?.problem && (
          <Line icon={<CircleAlert aria-hidden="true" className="size-4 text-bad" />}>
            <span className="text-bad">The code host could not be asked: {inert(target.problem)}</span>
          </Line>
        )}
      </Lines>
    </Part>
  );
}

function Replaced({ target }: { target: Target }) {
  const { replaces, base } = target;
  if (replaces.length === 0) return null;
  return (
    <More summary={`Replaces ${plural(replaces.length, "file")} of ${inert(base)}`}>
      <ul className="m-0 max-h-48 list-none overflow-auto p-0 text-xs">
        {replaces.map((path) => (
          <li key={path} className="break-all">
            <code>{inert(path)}</code>
          </li>
        ))}
      </ul>
    </More>
  );
}
