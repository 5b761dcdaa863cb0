/** Short words about what was done, in one polite region; they leave by themselves, and wait while they are looked at. */

import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";
import { IconButton } from "./button";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

let toasts: readonly Toast[] = [];
let counter = 0;
const watchers = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const watcher of watchers) watcher();
}

export function toast(text: string, { bad = false } = {}): void {
  counter += 1;
  change([...toasts.slice(-3), { id: counter, text, bad }]);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function Toasts() {
  const shown = useSyncExternalStore(watch, () => toasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed right-3 bottom-3 z-[60] flex max-w-[calc(100vw-24px)] flex-col gap-2"
    >
      {shown.map((each) => (
        <One key={each.id} toast={each} />
      ))}
    </div>
  );
}

function One({ toast: { id, text, bad } }: { toast: Toast }) {
  const close = () => change(toasts.filter((each) => each.id !== id));
  useEffect(() => {
    const timer = setTimeout(() => change(toasts.filter((each) => each.id !== id)), bad ? 12_000 : 6_000);
    return () => clearTimeout(timer);
  }, [id, bad]);
  return (
    <div
      className={`pointer-events-auto flex items-center gap-2 rounded-md border bg-raised px-3 py-2 shadow-card ${bad ? "border-bad" : "border-line"}`}
    >
      {bad ? (
        <CircleAlert aria-hidden="true" className="size-4 shrink-0 text-bad" />
      ) : (
        <CircleCheck aria-hidden="true" className="size-4 shrink-0 text-ok" />
      )}
      <span className="min-w-0 break-words">{text}</span>
      <IconButton label="Dismiss" onClick={close}>
        <X aria-hidden="true" className="size-4" />
      </IconButton>
    </div>
  );
}
