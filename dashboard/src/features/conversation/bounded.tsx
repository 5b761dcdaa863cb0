import { Check, Copy } from "lucide-react";
import { useMemo, useState } from "react";
import { short } from "@/lib/format";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { toast } from "@/ui/toast";

/** As much of a text as is painted at once. */
export const SHOWN = 20_000;

/** A text of any length in a box of bounded height. What is not shown yet is asked for piece by piece. */
export function BoundedText({ label, text }: { label: string; text: string }) {
  const [pieces, setPieces] = useState(1);
  const shown = useMemo(() => inert(text.slice(0, pieces * SHOWN)), [text, pieces]);
  const left = text.length - pieces * SHOWN;
  return (
    <div className="min-w-0">
      <div className="flex items-center justify-between gap-2">
        <span className="text-xs text-muted">
          {label} · {short(text.length)} characters
        </span>
        <CopyButton text={text} what={label} />
      </div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        role="region"
        aria-label={label}
        className={cx(
          "m-0 max-h-96 overflow-auto rounded border border-line bg-sunken p-2 text-xs",
          "whitespace-pre-wrap [overflow-wrap:anywhere] -outline-offset-2",
        )}
      >
        {shown}
      </pre>
      {left > 0 && (
        <Button size="small" kind="ghost" onClick={() => setPieces(pieces + 1)}>
          Show more ({short(left)} characters left)
        </Button>
      )}
    </div>
  );
}

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <Button
      size="small"
      kind="ghost"
      aria-label={copied ? `${what} copied` : `Copy ${what.toLowerCase()}`}
      icon={
        copied ? (
          <Check aria-hidden="true" className="size-3.5" />
        ) : (
          <Copy aria-hidden="true" className="size-3.5" />
        )
      }
      onClick={() => void copy()}
    >
      {copied ? "Copied" : "Copy"}
    </Button>
  );
}

/** Whether it was copied; says so where the browser does not let it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toast("The browser did not let this be copied", { bad: true });
    return false;
  }
}
