/** Where a task is in its workflow: one mark for each agent of the plan, and the same in words. */

import { Check, CircleDashed, LoaderCircle, Minus, X } from "lucide-react";
import { agentTitle } from "@/lib/format";
import { cx } from "@/ui/cx";
import type { Step, StepState } from "./figures";

const MARKS: Record<StepState, { look: string; Icon: typeof Check; word: string }> = {
  pending: { look: "border-line text-muted", Icon: CircleDashed, word: "to come" },
  running: { look: "border-transparent bg-info-soft text-info", Icon: LoaderCircle, word: "at work" },
  done: { look: "border-transparent bg-ok-soft text-ok", Icon: Check, word: "done" },
  failed: { look: "border-transparent bg-bad-soft text-bad", Icon: X, word: "failed" },
  skipped: { look: "border-line text-muted", Icon: Minus, word: "skipped" },
};

export function Steps({ steps }: { steps: Step[] }) {
  if (steps.length === 0) return null;
  return (
    <ul aria-label="Agents of the plan" className="m-0 flex list-none gap-1 p-0">
      {steps.map(({ agent, state }) => {
        const { look, Icon, word } = MARKS[state];
        return (
          <li
            key={agent}
            title={`${agentTitle(agent)}: ${word}`}
            className={cx("flex h-5 w-6 items-center justify-center rounded-sm border", look)}
          >
            <Icon aria-hidden="true" className={cx("size-3", state === "running" && "animate-spin")} />
            <span className="sr-only">
              {agentTitle(agent)}: {word}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
