/** The live demo of the work that is asked about. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink, MonitorOff, RotateCw } from "lucide-react";
import { useState } from "react";
import { answer, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import { keys, queries } from "@/api/queries";
import type { Task } from "@/api/types";
import { httpUrl } from "@/lib/links";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { Ago } from "@/ui/time";
import { Line, Lines, Part } from "./part";
import type { Evidence } from "./payload";

type Demo = Pick<Evidence, "demo" | "demoProblem">;
type Running = Evidence["demo"];

/** The demo as it runs now: the task knows of one that was restarted, and of one that has ended. */
export function runningDemo(shown: Running, task: Pick<Task, "demo_url"> | undefined): Running {
  if (task === undefined || task.demo_url === shown?.url) return shown;
  return task.demo_url === null ? null : { url: task.demo_url, expiresAt: null };
}

export function DemoPart({
  taskId,
  demo,
  demoProblem,
  startable,
}: Demo & { taskId: string; startable: boolean }) {
  const client = useQueryClient();
  const { data: task } = useQuery(queries.task(taskId));
  const [restarted, setRestarted] = useState<Running>(null);
  const restart = useMutation({
    mutationFn: () => answer(api.POST("/tasks/{task_id}/demo", { params: { path: { task_id: taskId } } })),
    onSuccess: (view) => {
      setRestarted({ url: view.url, expiresAt: view.expires_at });
      void client.invalidateQueries({ queryKey: keys.task(taskId), exact: true });
    },
  });
  const now = runningDemo(restarted ?? demo, task);
  return (
    <Part title="Live demo">
      <Lines>
        {now ? (
          <DemoLink url={now.url} expiresAt={now.expiresAt} />
        ) : (
          <Line icon={<MonitorOff aria-hidden="true" className="size-4 text-muted" />}>
            <span className="text-muted">
              No demo: {inert(demoProblem) || (demo ? "it has ended" : "none was started")}.
            </span>
          </Line>
        )}
        {startable && (
          <li className="flex flex-wrap items-center gap-2">
            <Button
              size="small"
              busy={restart.isPending}
              icon={<RotateCw aria-hidden="true" className="size-3.5" />}
              onClick={() => restart.mutate()}
            >
              {now ? "Restart demo" : "Start demo"}
            </Button>
            <span role="status" className={restart.error ? "text-bad" : "text-muted"}>
              {restart.error ? inert(asProblem(restart.error).message) : restarted && "It is up."}
            </span>
          </li>
        )}
      </Lines>
    </Part>
  );
}

function DemoLink({ url, expiresAt }: { url: string; expiresAt: number | null }) {
  const address = httpUrl(url);
  return (
    <Line icon={<ExternalLink aria-hidden="true" className="size-4 text-muted" />}>
      {address ? (
        <a
          href={address}
          target="_blank"
          rel="noreferrer"
          className="break-all text-accent underline underline-offset-2"
        >
          Open the demo
        </a>
      ) : (
        <span>{inert(url)}</span>
      )}
      {expiresAt !== null && (
        <span className="text-muted">
          , ends <Ago ts={expiresAt} />
        </span>
      )}
    </Line>
  );
}
