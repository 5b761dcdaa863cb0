import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Columns3, Rows3 } from "lucide-react";
import { queries } from "@/api/queries";
import type { TaskStatus } from "@/api/types";
import { statusWord } from "@/blocks/status";
import { Select } from "@/ui/form";
import { SearchField } from "@/ui/search-field";
import { Segmented } from "@/ui/segmented";

export const STATUSES: readonly TaskStatus[] = [
  "waiting_for_input",
  "running",
  "queued",
  "completed",
  "failed",
  "cancelled",
];

/** What narrows the list; all of it stands in the address. */
export function Filters() {
  const { view = "table", status, workflow, q = "" } = useSearch({ from: "/tasks" });
  const navigate = useNavigate({ from: "/tasks" });
  const { data: workflows } = useQuery(queries.workflows());
  return (
    <div role="search" className="mb-3 flex flex-wrap items-center gap-2">
      <SearchField
        label="Search sentences and ids"
        does="Search the tasks"
        value={q}
        onChange={(wanted) =>
          void navigate({ search: (now) => ({ ...now, q: wanted || undefined }), replace: true })
        }
      />
      <div className="min-w-32 max-sm:flex-1">
        <Select
          label="Status"
          hideLabel
          value={status ?? ""}
          onChange={({ target }) => {
            const chosen = STATUSES.find((each) => each === target.value);
            void navigate({ search: (now) => ({ ...now, status: chosen }), replace: true });
          }}
        >
          <option value="">Any status</option>
          {STATUSES.map((each) => (
            <option key={each} value={each}>
              {statusWord(each)}
            </option>
          ))}
        </Select>
      </div>
      <div className="min-w-32 max-sm:flex-1">
        <Select
          label="Workflow"
          hideLabel
          value={workflow ?? ""}
          onChange={({ target }) => {
            const chosen = target.value || undefined;
            void navigate({ search: (now) => ({ ...now, workflow: chosen }), replace: true });
          }}
        >
          <option value="">Any workflow</option>
          {workflow && !workflows?.some((each) => each.name === workflow) && <option>{workflow}</option>}
          {workflows?.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      </div>
      <div className="ml-auto">
        <Segmented
          label="View"
          value={view}
          options={[
            { value: "table", label: <Named Icon={Rows3} word="Table" /> },
            { value: "kanban", label: <Named Icon={Columns3} word="Board" /> },
          ]}
          onChange={(next) =>
            void navigate({
              search: (now) => ({ ...now, view: next === "table" ? undefined : next }),
              replace: true,
            })
          }
        />
      </div>
    </div>
  );
}

function Named({ Icon, word }: { Icon: typeof Rows3; word: string }) {
  return (
    <>
      <Icon aria-hidden="true" className="size-3.5" />
      {word}
    </>
  );
}
