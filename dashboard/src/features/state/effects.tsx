import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleDashed, CircleX, Globe } from "lucide-react";
import { queries } from "@/api/queries";
import type { components } from "@/api/schema";
import { agentTitle, plural } from "@/lib/format";
import { httpUrl } from "@/lib/links";
import { inert, plain } from "@/lib/text";
import { Badge, type Tone } from "@/ui/badge";
import { Card } from "@/ui/card";
import { Disclosure } from "@/ui/disclosure";
import { Empty, QueryPanel } from "@/ui/states";
import { Ago } from "@/ui/time";

type Effect = components["schemas"]["Effect"];

/** What was done outside of the run's state, and what is still to be done. */
export function Effects({ taskId }: { taskId: string }) {
  const query = useQuery(queries.effects(taskId));
  return (
    <Card title="Effects">
      <QueryPanel
        query={query}
        isEmpty={(list) => list.length === 0}
        whenEmpty={
          <Empty title="Nothing was done outside yet" icon={<Globe aria-hidden="true" />}>
            Commits, branches, pull requests and messages are written down here before they are done, so that
            a crash repeats none of them.
          </Empty>
        }
      >
        {(list) => (
          <ul className="m-0 list-none p-0">
            {list.toReversed().map((effect) => (
              <Row key={`${effect.key.node} ${effect.key.iteration} ${effect.key.kind}`} effect={effect} />
            ))}
          </ul>
        )}
      </QueryPanel>
    </Card>
  );
}

const STATUS: Record<Effect["status"], { tone: Tone; word: string; Icon: typeof CircleCheck }> = {
  done: { tone: "ok", word: "done", Icon: CircleCheck },
  intended: { tone: "warn", word: "not done yet", Icon: CircleDashed },
  given_up: { tone: "bad", word: "given up", Icon: CircleX },
};

const KINDS: Record<string, string> = {
  commit: "Commit",
  branch: "Branch",
  pull_request: "Pull request",
  webhook: "Webhook",
  telegram: "Telegram message",
  output: "Files written",
};

/** `commit:35cb…` is a commit; what is not known is said as it is. */
export function effectTitle(kind: string): string {
  const [first = kind] = kind.split(":");
  return KINDS[first] ?? agentTitle(first);
}

function Row({ effect }: { effect: Effect }) {
  const { key, status, attempts = 0, error, begun_at, due_at } = effect;
  const { tone, word, Icon } = STATUS[status];
  const said = effect.intent.message ?? effect.intent.title ?? effect.intent.branch;
  return (
    <li className="border-line py-1 not-first:border-t">
      <Disclosure
        summary={
          <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-0.5 py-1">
            <span className="font-medium">{inert(effectTitle(key.kind))}</span>
            <Badge tone={tone} icon={<Icon aria-hidden="true" className="size-3.5" />}>
              {word}
            </Badge>
            {typeof said === "string" && (
              <span className="min-w-0 break-words text-muted">{inert(said).slice(0, 120)}</span>
            )}
            <span className="text-xs text-muted">
              <Ago ts={begun_at} />
              {attempts > 1 && ` · ${plural(attempts, "attempt")}`}
              {status === "intended" && due_at != null && (
                <>
                  {" · tried again "}
                  <Ago ts={due_at} />
                </>
              )}
            </span>
          </span>
        }
      >
        <div className="flex flex-col gap-2 pb-2 pl-5">
          <ResultLink result={effect.result} />
          <Part name="Intended" value={effect.intent} />
          {effect.result && <Part name="Came of it" value={effect.result} />}
        </div>
      </Disclosure>
      {error && (
        <p className="m-0 pb-1 pl-5 break-words text-bad">
          <CircleX aria-label="error" role="img" className="mr-1 inline size-3.5" />
          {plain(error)}
        </p>
      )}
    </li>
  );
}

/** The pull request that the service itself opened. */
function ResultLink({ result }: { result: Effect["result"] }) {
  const address = typeof result?.url === "string" ? httpUrl(result.url) : null;
  if (!address) return null;
  return (
    <a href={address} target="_blank" rel="noreferrer" className="min-h-6 break-all text-accent">
      {address}
    </a>
  );
}

function Part({ name, value }: { name: string; value: unknown }) {
  return (
    <div className="min-w-0">
      <h3 className="m-0 mb-1 text-[13px] font-medium">{name}</h3>
      <pre className="m-0 max-h-60 overflow-auto rounded border border-line bg-sunken p-2 text-xs break-all whitespace-pre-wrap">
        {plain(JSON.stringify(value, null, 2))}
      </pre>
    </div>
  );
}
