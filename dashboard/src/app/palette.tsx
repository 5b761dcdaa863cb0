/** The command palette: screens, actions and tasks by a few letters. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useState } from "react";
import { answer, api } from "@/api/client";
import { statusWord } from "@/blocks/status";
import { wishNewTask } from "@/lib/new-task";
import { choose } from "@/lib/preferences";
import { Dialog } from "@/ui/dialog";

interface Entry {
  id: string;
  title: string;
  note: string;
  run: () => void;
}

export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const entries = useEntries(wanted, text);
  const [chosen, setChosen] = useState(0);
  const list = useId();
  // biome-ignore lint/correctness/useExhaustiveDependencies: other words begin at the first entry again
  useEffect(() => setChosen(0), [wanted]);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((chosen + step + entries.length) % Math.max(1, entries.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(entries[chosen]);
    }
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Go to or do">
      <div className="flex items-center gap-2 rounded-md border border-line-strong px-2.5">
        <Search aria-hidden="true" className="size-4 text-muted" />
        <input
          role="combobox"
          aria-label="Search screens, actions and tasks"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={entries[chosen] ? `${list}-${chosen}` : undefined}
          autoFocus
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          className="min-h-10 w-full bg-transparent outline-none"
        />
      </div>
      <div
        id={list}
        role="listbox"
        aria-label="Found"
        className="mt-2 flex max-h-[50dvh] flex-col overflow-auto"
      >
        {entries.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: keys go to the combobox, which holds the focus
          <div
            key={entry.id}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onClick={() => run(entry)}
            onMouseEnter={() => setChosen(index)}
            className="flex min-h-9 cursor-pointer items-center justify-between gap-3 rounded px-2 aria-selected:bg-accent-soft"
          >
            <span className="truncate">{entry.title}</span>
            <span className="shrink-0 text-xs text-muted">{entry.note}</span>
          </div>
        ))}
        {entries.length === 0 && <div className="p-3 text-muted">Nothing found</div>}
      </div>
    </Dialog>
  );
}

function useEntries(wanted: string, text: string): Entry[] {
  const navigate = useNavigate();
  const { data } = useQuery({
    queryKey: ["palette", wanted],
    queryFn: () => answer(api.GET("/tasks", { params: { query: { q: wanted, limit: 8 } } })),
    enabled: wanted !== "",
  });
  const fixed: Entry[] = [
    ...(["/", "/inbox", "/tasks", "/agents", "/logs", "/analytics", "/settings"] as const).map((to) => ({
      id: to,
      title: to === "/" ? "Overview" : to.charAt(1).toUpperCase() + to.slice(2),
      note: "screen",
      run: () => void navigate({ to }),
    })),
    { id: "new", title: "New task", note: "action", run: () => wishNewTask(text) },
    { id: "dark", title: "Use the dark theme", note: "action", run: () => choose({ theme: "dark" }) },
    { id: "light", title: "Use the light theme", note: "action", run: () => choose({ theme: "light" }) },
  ];
  const tasks: Entry[] = (data?.items ?? []).map((task) => ({
    id: task.task_id,
    title: task.task_description,
    note: statusWord(task.status),
    run: () => void navigate({ to: "/tasks/$taskId", params: { taskId: task.task_id } }),
  }));
  const found = fixed.filter((entry) => matches(entry.title, wanted));
  return wanted === "" ? fixed : [...found, ...tasks];
}

/** Whether the letters of `wanted` stand in `title` in this order. */
export function matches(title: string, wanted: string): boolean {
  let at = 0;
  const text = title.toLowerCase();
  for (const letter of wanted.toLowerCase()) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
