import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { queries } from "@/api/queries";
import type { Interaction } from "@/api/types";
import { ModelName } from "@/blocks/model";
import { roundTitle } from "@/blocks/rounds";
import { AgentBadge } from "@/blocks/status";
import { absolute, duration, usd } from "@/lib/format";
import { CopyButton } from "@/ui/copy";
import { Ago } from "@/ui/time";
import { CallOutcome } from "./call-words";

const LINK = "inline-flex min-h-6 items-center text-accent";

/** Who asked which model, for which task, and what it took. */
export function CallFacts({ call }: { call: Interaction }) {
  const { agent, task_id, prompt_hash, interaction_id } = call;
  const usage = call.usage ?? {};
  const { cache_read_tokens: read = 0, cache_write_tokens: written = 0 } = usage;
  return (
    <dl className="m-0 grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-1.5">
      <Fact name="Outcome">
        <CallOutcome call={call} />
      </Fact>
      <Fact name="Agent">
        <Link
          to="/agents/$agent"
          params={{ agent }}
          className="inline-flex min-h-6 items-center no-underline"
        >
          <AgentBadge agent={agent} />
        </Link>
      </Fact>
      <Fact name="Model">
        <ModelName model={call.model} />
      </Fact>
      <Fact name="When">
        {absolute(call.ts)} <span className="text-muted">(</span>
        <Ago ts={call.ts} />
        <span className="text-muted">)</span>
      </Fact>
      <Fact name="Task">
        <Link to="/tasks/$taskId" params={{ taskId: task_id }} className={`${LINK} font-mono`}>
          {task_id}
        </Link>
        <span className="text-muted">, {roundTitle(call.iteration).toLowerCase()}</span>
        <EventLink taskId={task_id} callId={interaction_id} />
      </Fact>
      <Fact name="Tokens">
        <span className="tabular-nums">
          {(usage.input_tokens ?? 0).toLocaleString("en")} in,{" "}
          {(usage.output_tokens ?? 0).toLocaleString("en")} out
          {(read > 0 || written > 0) && (
            <span className="text-muted">
              {" "}
              (cache: {read.toLocaleString("en")} read, {written.toLocaleString("en")} written)
            </span>
          )}
        </span>
      </Fact>
      <Fact name="Cost">{usd(call.cost_usd ?? 0)}</Fact>
      <Fact name="Took">{duration(call.seconds ?? 0)}</Fact>
      <Fact name="Prompt hash">
        <Code text={prompt_hash} label="Copy the hash" />
      </Fact>
      <Fact name="Call id">
        <Code text={interaction_id} label="Copy the id" />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="m-0 min-w-0 break-words">{children}</dd>
    </>
  );
}

function Code({ text, label }: { text: string; label: string }) {
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-1">
      <code className="truncate">{text}</code>
      <CopyButton compact label={label} text={text} />
    </span>
  );
}

/** To the place in the conversation where this call ended. */
function EventLink({ taskId, callId }: { taskId: string; callId: string }) {
  const { data } = useQuery(queries.callEvent(taskId, callId));
  if (!data) return null;
  return (
    <>
      {" · "}
      <Link to="/tasks/$taskId" params={{ taskId }} hash={`e${data.seq}`} className={LINK}>
        in its conversation
      </Link>
    </>
  );
}
