/** The first screen of a new installation: a sentence, a build, an approval. */

import { useQuery } from "@tanstack/react-query";
import { Hammer } from "lucide-react";
import { type ReactNode, useState } from "react";
import { queries } from "@/api/queries";
import type { Health } from "@/api/types";
import { wishNewTask } from "@/lib/new-task";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { Card, PageHeader } from "@/ui/card";
import { cx } from "@/ui/cx";
import { QueryPanel, Skeleton } from "@/ui/states";
import { modelsOf, OfflineNote } from "./offline";

const EXAMPLES = [
  "A blog with posts, comments and tags; comments belong to a post",
  "Event booking: events with a capacity, bookings by registered users, no overbooking",
  "Issue tracker with projects, issues, labels and a status workflow of open, in progress and closed",
  "Inventory tracker: products (name, sku, price, quantity) and suppliers; a product belongs to a supplier",
] as const;

export function GettingStarted() {
  const [chosen, setChosen] = useState<string>(EXAMPLES[0]);
  const health = useQuery(queries.health());
  return (
    <div className="mx-auto flex max-w-4xl flex-col gap-4">
      <PageHeader
        title="From a sentence to an application"
        note="Nine agents plan, write, test and review it; nothing leaves this machine before you approve."
      />
      <ol className="m-0 flex list-none flex-col gap-4 p-0">
        <Stage number={1} title="Choose a sentence">
          <Examples chosen={chosen} onChoose={setChosen} />
        </Stage>
        <Stage number={2} title="Build it">
          <div className="flex flex-wrap items-center gap-3">
            <Button
              kind="primary"
              size="large"
              icon={<Hammer aria-hidden="true" className="size-4" />}
              onClick={() => wishNewTask(chosen)}
            >
              Build
            </Button>
            <span className="min-w-0 flex-1 text-muted">
              Opens the form with your sentence in it, where budget and options can be changed.
            </span>
          </div>
        </Stage>
        <Stage number={3} title="Approve what you are shown">
          <p className="m-0 text-muted">
            You see the checks that ran, the review, the cost and a live demo, and answer: approve, ask for
            changes, or abort. Approved work becomes a branch with a pull request, byte for byte.
          </p>
        </Stage>
      </ol>
      <Card title="Which model answers">
        <QueryPanel query={health} skeleton={<Skeleton lines={4} />}>
          {(found) => <Models health={found} />}
        </QueryPanel>
      </Card>
    </div>
  );
}

function Stage({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <li>
      <Card
        title={
          <span className="flex items-center gap-2">
            <span
              aria-hidden="true"
              className="flex size-6 items-center justify-center rounded-full bg-accent-soft text-xs text-accent"
            >
              {number}
            </span>
            {title}
          </span>
        }
      >
        {children}
      </Card>
    </li>
  );
}

function Examples({ chosen, onChoose }: { chosen: string; onChoose: (sentence: string) => void }) {
  return (
    <fieldset className="m-0 grid gap-2 border-0 p-0 md:grid-cols-2">
      <legend className="sr-only">Example sentences</legend>
      {EXAMPLES.map((sentence) => (
        <label
          key={sentence}
          className={cx(
            "flex min-h-11 cursor-pointer items-start gap-2 rounded-md border p-3 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
            sentence === chosen ? "border-accent bg-accent-soft" : "border-line hover:bg-sunken",
          )}
        >
          <input
            type="radio"
            name="example"
            className="mt-1 accent-accent"
            checked={sentence === chosen}
            onChange={() => onChoose(sentence)}
          />
          {sentence}
        </label>
      ))}
    </fieldset>
  );
}

function Models({ health }: { health: Health }) {
  const models = modelsOf(health);
  return (
    <div className="flex flex-col gap-3">
      <p className="m-0">
        {models.length === 0 ? (
          <span className="text-muted">Which one is not told to this key.</span>
        ) : (
          <>
            <strong>{models.map(inert).join(", ")}</strong>
            {!health.offline && " (calls are paid for; each task has a budget)"}
          </>
        )}
      </p>
      {health.offline && (
        <>
          <OfflineNote />
          <ProviderKeys forced={health.config?.autonomy_offline === true} />
        </>
      )}
    </div>
  );
}

function ProviderKeys({ forced }: { forced: boolean }) {
  return (
    <div>
      <p className="m-0 mb-1.5 text-muted">
        For a language model, start the service with a provider's key
        {forced && (
          <>
            {" "}
            and without <code>AUTONOMY_OFFLINE</code>, which is set now
          </>
        )}
        :
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0} className="m-0 overflow-x-auto rounded bg-sunken p-3 text-xs">
        {
          "ANTHROPIC_API_KEY=... ./autonomy serve\nMODEL_BACKEND=ollama/qwen3-coder ANTHROPIC_API_KEY=... ./autonomy serve"
        }
      </pre>
      <p className="m-0 mt-1.5 text-xs text-muted">
        Also read: OPENAI_API_KEY, GEMINI_API_KEY, GROQ_API_KEY, DEEPSEEK_API_KEY, OPENROUTER_API_KEY,
        OLLAMA_API_BASE; in the environment or in .env.
      </p>
    </div>
  );
}
