import { Switch, TextField } from "@/ui/form";
import type { Defaults } from "./defaults";
import type { Draft, Errors } from "./draft";

/** What the task may spend and where its files go; what is left empty is the service's default. */
export function Limits({
  draft,
  defaults,
  errors,
  onChange,
}: {
  draft: Draft;
  defaults: Defaults;
  errors: Errors;
  onChange: (part: Partial<Draft>) => void;
}) {
  return (
    <>
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <TextField
          label="Budget in USD"
          inputMode="decimal"
          autoComplete="off"
          placeholder={defaults.budget.toFixed(2)}
          value={draft.budget}
          error={errors.budget_usd}
          onChange={({ target }) => onChange({ budget: target.value.replace(",", ".") })}
          hint="When it is reached, the task pauses and asks."
        />
        <TextField
          label="Iterations at most"
          inputMode="numeric"
          autoComplete="off"
          placeholder={String(defaults.iterations)}
          value={draft.iterations}
          error={errors.max_iterations}
          onChange={({ target }) => onChange({ iterations: target.value })}
          hint="Rounds of building, testing and review before it asks."
        />
      </div>
      <Switch
        label="Run the code in the sandbox"
        checked={draft.sandbox}
        onChange={(on) => onChange({ sandbox: on })}
        hint={
          draft.sandbox
            ? "Generated code is run and tested, isolated from this machine."
            : "No generated code is run: its checks and tests read “not executed”, and you approve it untested."
        }
      />
      <TextField
        label="Output directory (optional)"
        autoComplete="off"
        spellCheck={false}
        placeholder={defaults.directory ?? "/home/you/projects"}
        value={draft.directory}
        error={errors.output_directory}
        onChange={({ target }) => onChange({ directory: target.value })}
        hint={
          defaults.directory === null
            ? "Absolute. The files are also written there, in a folder named by the task."
            : "Absolute. Left empty, the files go below the directory that the service has set."
        }
      />
    </>
  );
}
