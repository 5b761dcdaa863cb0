import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, type ButtonProps, IconButton } from "./button";
import { toast } from "./toast";

const SAID_MS = 2_000;

/** Copies `text`, and says that it did. `compact` is an icon alone. */
export function CopyButton({
  text,
  label,
  compact,
  ...rest
}: { text: string; label: string; compact?: boolean } & ButtonProps) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
    } catch {
      toast("The browser did not allow copying here", { bad: true });
    }
  };
  const Icon = done ? Check : Copy;
  const icon = <Icon aria-hidden="true" className="size-3.5" />;
  if (compact) {
    return (
      <IconButton {...rest} label={done ? "Copied" : label} onClick={() => void copy()}>
        {icon}
      </IconButton>
    );
  }
  return (
    <Button size="small" {...rest} icon={icon} onClick={() => void copy()}>
      {done ? "Copied" : label}
    </Button>
  );
}
