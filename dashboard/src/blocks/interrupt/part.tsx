/** Parts of a question's panel: a small heading, and facts with an icon. */

import { ChevronRight } from "lucide-react";
import { createContext, type ReactNode, useContext } from "react";

/** The level of the headings inside a panel: one below that of its own. */
export const PartLevel = createContext<3 | 4>(3);

export function Part({ title, children }: { title: ReactNode; children: ReactNode }) {
  const Heading = `h${useContext(PartLevel)}` as const;
  return (
    <section className="min-w-0">
      <Heading className="m-0 mb-1.5 text-xs font-semibold text-muted">{title}</Heading>
      {children}
    </section>
  );
}

export function Lines({ children }: { children: ReactNode }) {
  return <ul className="m-0 flex list-none flex-col gap-1.5 p-0">{children}</ul>;
}

export function Line({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <li className="flex min-w-0 items-start gap-2">
      <span className="mt-[3px] shrink-0">{icon}</span>
      <div className="min-w-0 flex-1 break-words">{children}</div>
    </li>
  );
}

/** More of something, shown when it is asked for. Who gives `open` hears of each change by `onToggle`. */
export function More({
  summary,
  children,
  open,
  onToggle,
}: {
  summary: ReactNode;
  children: ReactNode;
  open?: boolean;
  onToggle?: (open: boolean) => void;
}) {
  return (
    <details
      className="group/more min-w-0"
      open={open}
      onToggle={(event) => onToggle?.(event.currentTarget.open)}
    >
      <summary className="inline-flex min-h-6 list-none items-center gap-1 text-[13px] text-muted hover:text-text [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden="true"
          className="size-3.5 transition-transform group-open/more:rotate-90"
        />
        {summary}
      </summary>
      <div className="mt-1.5 min-w-0">{children}</div>
    </details>
  );
}
