import { AgentSelect } from "@/blocks/agent-select";
import { Select } from "@/ui/form";
import { SearchField } from "@/ui/search-field";
import type { Wanted } from "./use-log";

const TYPES = [
  ["calls", "Model calls"],
  ["checks", "Checks and reviews"],
  ["people", "People and outside"],
  ["errors", "Errors only"],
] as const;

/** Which events are shown. The address holds it. */
export function Filters({ wanted, onChange }: { wanted: Wanted; onChange: (wanted: Wanted) => void }) {
  return (
    <div className="grid min-w-0 flex-1 grid-cols-2 items-center gap-2 max-sm:basis-full sm:flex">
      <div className="sm:w-36">
        <AgentSelect
          value={wanted.agent}
          all="All agents"
          onChange={(agent) => onChange({ ...wanted, agent })}
        />
      </div>
      <div className="sm:w-44">
        <Select
          label="Kind of event"
          hideLabel
          value={wanted.type ?? ""}
          onChange={(event) =>
            onChange({ ...wanted, type: TYPES.find(([type]) => type === event.target.value)?.[0] })
          }
        >
          <option value="">All events</option>
          {TYPES.map(([type, label]) => (
            <option key={type} value={type}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      <SearchField
        label="Search events"
        does="Search the events of this task"
        value={wanted.q ?? ""}
        onChange={(q) => onChange({ ...wanted, q: q || undefined })}
      />
    </div>
  );
}
