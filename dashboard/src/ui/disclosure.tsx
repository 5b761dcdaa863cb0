import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import { cx } from "./cx";

/** Something more, made when it is opened. `controlled` opens and closes it from outside. */
export function Disclosure({
  summary,
  children,
  className,
  controlled,
}: {
  summary: ReactNode;
  children: ReactNode;
  className?: string;
  controlled?: { open: boolean; onToggle: (open: boolean) => void };
}) {
  const [own, setOwn] = useState(false);
  const open = controlled?.open ?? own;
  return (
    <details
      open={open}
      className={cx("min-w-0", className)}
      onToggle={(event) => {
        const now = event.currentTarget.open;
        if (now !== open) (controlled?.onToggle ?? setOwn)(now);
      }}
    >
      <summary className="flex min-h-8 list-none items-center gap-1.5 rounded [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden="true"
          className={cx("size-4 shrink-0 text-muted transition-transform", open && "rotate-90")}
        />
        {summary}
      </summary>
      {open && children}
    </details>
  );
}
