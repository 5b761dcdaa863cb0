/** Which version is shown, what it is compared with, and everything as an archive. */

import { useMutation } from "@tanstack/react-query";
import { Download, GitCompare } from "lucide-react";
import { download } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { TaskTree } from "@/api/types";
import { roundTitle } from "@/blocks/rounds";
import { Button } from "@/ui/button";
import { Select } from "@/ui/form";
import { toast } from "@/ui/toast";
import { previousVersion } from "./selection";

type Version = TaskTree["versions"][number];

export function Versions({
  taskId,
  tree,
  chosen,
  onChange,
}: {
  taskId: string;
  tree: TaskTree;
  chosen: { ref?: string; base?: string };
  onChange: (part: { ref?: string; base?: string }) => void;
}) {
  const { versions } = tree;
  const before = previousVersion(versions, chosen.ref);
  return (
    <>
      {before !== undefined && tree.base === null && (
        <Button
          size="small"
          icon={<GitCompare aria-hidden="true" className="size-3.5" />}
          onClick={() => onChange({ base: before })}
        >
          What the last round changed
        </Button>
      )}
      <VersionSelect
        label="Version"
        versions={versions}
        none="Newest files"
        value={chosen.ref}
        onChange={(ref) => onChange({ ref })}
      />
      <VersionSelect
        label="Compare with"
        versions={versions}
        none="Nothing"
        value={chosen.base}
        onChange={(base) => onChange({ base })}
      />
      <Archive taskId={taskId} />
    </>
  );
}

function VersionSelect({
  label,
  versions,
  none,
  value,
  onChange,
}: {
  label: string;
  versions: Version[];
  none: string;
  value: string | undefined;
  onChange: (commit: string | undefined) => void;
}) {
  const known = versions.find((each) => value !== undefined && each.commit.startsWith(value));
  return (
    <div className="flex items-center gap-1.5">
      <span aria-hidden="true" className="text-xs whitespace-nowrap text-muted">
        {label}
      </span>
      <Select
        label={label}
        hideLabel
        className="!min-h-8 !w-auto max-w-44 !py-0.5 text-[13px]"
        value={known?.commit ?? value ?? ""}
        onChange={(event) => onChange(event.target.value || undefined)}
      >
        <option value="">{none}</option>
        {value !== undefined && known === undefined && <option value={value}>{value.slice(0, 10)}</option>}
        {versions.map((version) => (
          <option key={version.commit} value={version.commit}>
            {roundTitle(version.iteration)} ({version.commit.slice(0, 7)})
          </option>
        ))}
      </Select>
    </div>
  );
}

function Archive({ taskId }: { taskId: string }) {
  const saving = useMutation({
    mutationFn: () => download(`/tasks/${taskId}/artifacts.tar.gz`, `${taskId}.tar.gz`),
    onError: (error) => toast(asProblem(error).message, { bad: true }),
  });
  return (
    <Button
      size="small"
      busy={saving.isPending}
      icon={<Download aria-hidden="true" className="size-3.5" />}
      title="All files as they are now, as tar.gz"
      onClick={() => saving.mutate()}
    >
      Download all
    </Button>
  );
}
