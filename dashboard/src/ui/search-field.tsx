import { Search } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useShortcut } from "@/lib/shortcuts";
import { TextField } from "./form";

const TYPING_MS = 300;

interface Props {
  label: string;
  /** What is searched for now; what is typed is told a little later, and follows this when it changes from outside. */
  value: string;
  onChange: (value: string) => void;
  /** What the key `/` does here, for the list of shortcuts. */
  does: string;
}

/** Tells a moment after the last letter, and at once on Enter. */
export function SearchField({ label, value, onChange, does }: Props) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  const latest = useRef(onChange);
  const box = useRef<HTMLDivElement>(null);
  const tell = useCallback((wanted: string) => {
    if (wanted === told.current) return;
    told.current = wanted;
    latest.current(wanted);
  }, []);
  useShortcut("/", does, () => box.current?.querySelector("input")?.focus());
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    if (value !== told.current) setText(value);
    told.current = value;
  }, [value]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === told.current) return;
    const timer = setTimeout(() => tell(wanted), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, tell]);
  return (
    <div ref={box} className="relative w-full max-sm:col-span-2 sm:w-72">
      <Search aria-hidden="true" className="absolute top-2.5 left-2.5 size-4 text-muted" />
      <TextField
        label={label}
        hideLabel
        type="search"
        placeholder={label}
        maxLength={200}
        className="pl-8"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") tell(text.trim());
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </div>
  );
}
