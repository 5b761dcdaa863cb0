import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { X } from "lucide-react";
import { type LogFilters, queries } from "@/api/queries";
import { AgentSelect } from "@/blocks/agent-select";
import { serverNow } from "@/lib/clock";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { Select, TextField } from "@/ui/form";
import { SearchField } from "@/ui/search-field";
import { filtersOf, fromField, isFiltered, PRESETS, toField } from "./filters";

const KINDS = { true: "Succeeded", false: "Failed" } as const;

/** What narrows the list; all of it stands in the address. */
export function FilterBar() {
  const search = useSearch({ from: "/logs" });
  const navigate = useNavigate({ from: "/logs" });
  const set = (part: LogFilters) =>
    void navigate({ search: (now) => ({ ...now, ...part, call: undefined }), replace: true });
  return (
    <search className="mb-3 flex flex-wrap items-end gap-2">
      <SearchField
        label="Search prompts and answers"
        does="Search the calls"
        value={search.q ?? ""}
        onChange={(q) => set({ q: q || undefined })}
      />
      <div className="min-w-32 max-sm:flex-1">
        <AgentSelect value={search.agent} all="Any agent" onChange={(agent) => set({ agent })} />
      </div>
      <Models value={search.model} onChange={(model) => set({ model })} />
      <div className="min-w-32 max-sm:flex-1">
        <Select
          label="Outcome"
          hideLabel
          value={search.success === undefined ? "" : String(search.success)}
          onChange={({ target }) =>
            set({ success: target.value === "" ? undefined : target.value === "true" })
          }
        >
          <option value="">Any outcome</option>
          {Object.entries(KINDS).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </Select>
      </div>
      <Times since={search.since} until={search.until} onChange={set} />
      {search.task_id && (
        <Button
          icon={<X aria-hidden="true" className="size-3.5" />}
          title="Show the calls of all tasks"
          onClick={() => set({ task_id: undefined })}
        >
          Task {search.task_id.slice(0, 8)}
        </Button>
      )}
      {isFiltered(filtersOf(search)) && (
        <Button kind="ghost" onClick={() => void navigate({ search: {}, replace: true })}>
          Clear filters
        </Button>
      )}
    </search>
  );
}

/** Models that were called in the last 90 days, and the one that is chosen. */
function Models({ value, onChange }: { value?: string; onChange: (model?: string) => void }) {
  const { data } = useQuery(queries.series("model", 90));
  const known = data?.rows?.map((row) => row.key) ?? [];
  const models = value === undefined || known.includes(value) ? known : [value, ...known];
  return (
    <div className="min-w-32 max-sm:flex-1 sm:max-w-56">
      <Select
        label="Model"
        hideLabel
        value={value ?? ""}
        onChange={({ target }) => onChange(target.value || undefined)}
      >
        <option value="">Any model</option>
        {models.map((model) => (
          <option key={model} value={model}>
            {inert(model)}
          </option>
        ))}
      </Select>
    </div>
  );
}

/** A span up to now, or from one moment to another. */
function Times({
  since,
  until,
  onChange,
}: {
  since?: number;
  until?: number;
  onChange: (part: { since?: number; until?: number }) => void;
}) {
  const bounded = since !== undefined || until !== undefined;
  return (
    <>
      <div className="min-w-32 max-sm:flex-1">
        <Select
          label="Time"
          hideLabel
          value={bounded ? "bounded" : ""}
          onChange={({ target }) => {
            const preset = PRESETS.find(({ name }) => name === target.value);
            if (preset) onChange({ since: beginning(preset.seconds), until: undefined });
            else if (target.value === "") onChange({ since: undefined, until: undefined });
          }}
        >
          <option value="">Any time</option>
          {PRESETS.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
          {bounded && <option value="bounded">From … to …</option>}
        </Select>
      </div>
      {bounded && (
        <>
          <Moment label="From" value={since} onChange={(ts) => onChange({ since: ts, until })} />
          <Moment label="To" value={until} onChange={(ts) => onChange({ since, until: ts })} />
        </>
      )}
    </>
  );
}

/** The start of the minute so many seconds ago. */
function beginning(seconds: number): number {
  return Math.floor((serverNow() - seconds) / 60) * 60;
}

function Moment({
  label,
  value,
  onChange,
}: {
  label: string;
  value?: number;
  onChange: (ts?: number) => void;
}) {
  return (
    <div className="flex items-center gap-1.5 max-sm:w-full">
      <span aria-hidden="true" className="w-9 text-muted">
        {label}
      </span>
      <div className="min-w-0 flex-1">
        <TextField
          label={label}
          hideLabel
          type="datetime-local"
          defaultValue={toField(value)}
          key={value}
          onBlur={({ target }) => {
            const ts = fromField(target.value);
            if (ts !== value && toField(ts) !== toField(value)) onChange(ts);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") event.currentTarget.blur();
          }}
        />
      </div>
    </div>
  );
}
