/** How much more a task may spend: the usual steps, enough to its end, or any amount; what is sent is the new cap. */

import { useState } from "react";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { TextField } from "@/ui/form";
import type { Trouble } from "./payload";
import { capUsd } from "./words";

export interface Raise {
  label: string;
  cap: number;
}

const STEPS = [0.25, 0.5, 1];
const cents = (amount: number) => Math.ceil(amount * 100 - 1e-9) / 100;

/** The caps that are offered: so much more, or what the projection says is enough. */
export function raises(trouble: Pick<Trouble, "cap" | "spent" | "rest">): Raise[] {
  const cap = trouble.cap ?? 0;
  const steps = STEPS.map((step) => ({ label: `+${step.toFixed(2)}`, cap: cents(cap + step) }));
  const end = trouble.rest === null ? 0 : cents(trouble.spent + trouble.rest.high);
  return end > cap && !steps.some((step) => step.cap === end)
    ? [...steps, { label: "To the end", cap: end }]
    : steps;
}

/** The cap below which the next call does not fit. */
export function leastCap({ spent, reserved, needed, kept }: Trouble): number {
  return cents(spent + reserved + needed + kept);
}

/** What was typed as the new cap, or what is wrong with it. */
export function customCap(typed: string, present: number): { cap: number | null; wrong: string | null } {
  const amount = Number(typed.trim().replace(/^\$/, "").replace(",", "."));
  if (typed.trim() === "") return { cap: null, wrong: null };
  if (!Number.isFinite(amount)) return { cap: null, wrong: "This is not an amount." };
  if (amount <= present) return { cap: null, wrong: `The new cap has to be above ${capUsd(present)}.` };
  return { cap: amount, wrong: null };
}

export function RaiseForm({
  trouble,
  busy,
  fieldError,
  onRaise,
}: {
  trouble: Trouble;
  busy: boolean;
  fieldError: string | null;
  onRaise: (cap: number) => void;
}) {
  const present = trouble.cap ?? 0;
  const offered = raises(trouble);
  const least = leastCap(trouble);
  const [chosen, setChosen] = useState<number | "custom">(
    () => (offered.find((each) => each.cap >= least) ?? offered.at(-1))?.cap ?? "custom",
  );
  const [typed, setTyped] = useState("");
  const custom = customCap(typed, present);
  const cap = chosen === "custom" ? custom.cap : chosen;
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (cap !== null && !busy) onRaise(cap);
      }}
    >
      <fieldset className="m-0 flex flex-wrap gap-2 border-0 p-0">
        <legend className="mb-1 text-[13px] font-medium">Raise the budget by</legend>
        {[...offered, { label: "Other", cap: "custom" as const }].map((each) => (
          <Choice
            key={each.label}
            label={each.label}
            note={each.cap === "custom" ? "amount" : `to ${capUsd(each.cap)}`}
            checked={chosen === each.cap}
            onChoose={() => setChosen(each.cap)}
          />
        ))}
      </fieldset>
      {chosen === "custom" && (
        <div className="max-w-60">
          <TextField
            label="New cap in all, USD"
            inputMode="decimal"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            error={custom.wrong}
          />
        </div>
      )}
      {fieldError && (
        <p role="alert" className="m-0 text-bad">
          {fieldError}
        </p>
      )}
      {cap !== null && cap < least && (
        <p className="m-0 text-warn">
          The next call may need a cap of {capUsd(least)}: with {capUsd(cap)} the task may stop again.
        </p>
      )}
      <div>
        <Button type="submit" kind="primary" size="large" busy={busy} disabled={cap === null}>
          {cap === null ? "Raise the budget" : `Raise to ${capUsd(cap)}`}
        </Button>
      </div>
    </form>
  );
}

function Choice({
  label,
  note,
  checked,
  onChoose,
}: {
  label: string;
  note: string;
  checked: boolean;
  onChoose: () => void;
}) {
  return (
    <label
      className={cx(
        "touch-44 flex min-h-11 cursor-pointer items-center gap-2 rounded-md border px-3 py-1 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
        checked ? "border-accent bg-accent-soft" : "border-line hover:bg-sunken",
      )}
    >
      <input type="radio" className="accent-accent" checked={checked} onChange={onChoose} />
      <span className="leading-tight">
        <span className="block font-medium tabular-nums">{label}</span>
        <span className="block text-xs text-muted tabular-nums">{note}</span>
      </span>
    </label>
  );
}
