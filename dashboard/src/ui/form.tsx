/** Fields: a label, what is typed, what is wrong with it. */

import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";
import { cx } from "./cx";

const BOX =
  "w-full min-h-9 rounded-md border border-line-strong bg-surface px-2.5 py-1.5 text-text placeholder:text-muted aria-invalid:border-bad";

interface Labelled {
  label: string;
  /** Said to screen readers only. */
  hideLabel?: boolean;
  hint?: ReactNode;
  error?: string | null;
}

function Frame({
  id,
  label,
  hideLabel,
  hint,
  error,
  children,
}: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <label htmlFor={id} className={hideLabel ? "sr-only" : "mb-1 block text-[13px] font-medium"}>
        {label}
      </label>
      {children}
      {hint && (
        <div id={`${id}-hint`} className="mt-1 text-xs text-muted">
          {hint}
        </div>
      )}
      {error && (
        <div id={`${id}-error`} role="alert" className="mt-1 text-xs text-bad">
          {error}
        </div>
      )}
    </div>
  );
}

function described(id: string, { hint, error }: Labelled) {
  const ids = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return { id, "aria-describedby": ids || undefined, "aria-invalid": error ? true : undefined };
}

export function TextField({
  label,
  hideLabel,
  hint,
  error,
  className,
  ...rest
}: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Frame {...{ id, label, hideLabel, hint, error }}>
      <input {...rest} {...described(id, { label, hint, error })} className={cx(BOX, className)} />
    </Frame>
  );
}

export function TextArea({
  label,
  hideLabel,
  hint,
  error,
  className,
  ...rest
}: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Frame {...{ id, label, hideLabel, hint, error }}>
      <textarea
        {...rest}
        {...described(id, { label, hint, error })}
        className={cx(BOX, "min-h-20", className)}
      />
    </Frame>
  );
}

export function Select({
  label,
  hideLabel,
  hint,
  error,
  className,
  children,
  ...rest
}: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame {...{ id, label, hideLabel, hint, error }}>
      <select {...rest} {...described(id, { label, hint, error })} className={cx(BOX, className)}>
        {children}
      </select>
    </Frame>
  );
}

export function Switch({
  label,
  checked,
  onChange,
  hint,
  disabled,
}: {
  label: string;
  checked: boolean;
  onChange: (on: boolean) => void;
  hint?: ReactNode;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <button
        type="button"
        role="switch"
        id={id}
        aria-checked={checked}
        disabled={disabled}
        onClick={() => onChange(!checked)}
        className="group relative mt-0.5 h-6 w-10 shrink-0 rounded-full border border-line-strong bg-sunken p-0 aria-checked:bg-accent"
      >
        <span className="block size-4 translate-x-1 rounded-full bg-line-strong transition-transform group-aria-checked:translate-x-[19px] group-aria-checked:bg-on-accent" />
      </button>
      <div>
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {hint && <div className="text-xs text-muted">{hint}</div>}
      </div>
    </div>
  );
}
