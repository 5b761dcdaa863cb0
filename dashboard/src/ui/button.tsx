import type { ButtonHTMLAttributes, ReactNode } from "react";
import { cx } from "./cx";

type Kind = "primary" | "secondary" | "ghost" | "danger";

const KINDS: Record<Kind, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover border-transparent",
  secondary: "bg-surface text-text border-line hover:bg-sunken",
  ghost: "bg-transparent text-text border-transparent hover:bg-sunken",
  danger: "bg-surface text-bad border-bad hover:bg-bad-soft",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  size?: "small" | "medium" | "large";
  /** Something is under way: the button says so and takes no second press. */
  busy?: boolean;
  icon?: ReactNode;
}

/** A button. While `busy` it stays focused and refuses presses. */
export function Button({
  kind = "secondary",
  size = "medium",
  busy,
  icon,
  children,
  className,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest.disabled || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={buttonClass(kind, size, className)}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  );
}

export function buttonClass(
  kind: Kind = "secondary",
  size: "small" | "medium" | "large" = "medium",
  more?: string,
): string {
  return cx(
    "inline-flex items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap no-underline transition-colors disabled:opacity-60 aria-disabled:opacity-60",
    size === "small" && "min-h-7 px-2 text-[13px]",
    size === "medium" && "min-h-9 px-3",
    size === "large" && "touch-44 min-h-11 px-4",
    KINDS[kind],
    more,
  );
}

/** A square button with an icon; `label` is what it is called. */
export function IconButton({
  label,
  children,
  className,
  ...rest
}: { label: string; children: ReactNode } & ButtonProps) {
  return (
    <Button
      kind="ghost"
      {...rest}
      aria-label={label}
      title={rest.title ?? label}
      className={cx("!px-0 min-w-8 !min-h-8", className)}
    >
      {children}
    </Button>
  );
}

export function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="inline-block size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent"
    />
  );
}
