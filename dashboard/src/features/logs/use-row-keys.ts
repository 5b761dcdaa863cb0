import { type KeyboardEvent, useRef, useState } from "react";
import { useShortcut } from "@/lib/shortcuts";

/** The row that a key goes to from row `at` (-1 is none); null when the key is no step. */
export function stepped(at: number, key: string, count: number): number | null {
  if (count === 0) return null;
  if (key === "ArrowDown" || key === "j") return Math.min(count - 1, at + 1);
  if (key === "ArrowUp" || key === "k") return Math.max(0, at - 1);
  return null;
}

/** The row that has the focus, moved by keys: j and k anywhere, arrows within the rows. */
export function useRowKeys(count: number, onMove: (index: number) => void) {
  const at = useRef(-1);
  const [wanted, setWanted] = useState<number | null>(null);
  const go = (index: number) => {
    at.current = index;
    onMove(index);
    setWanted(index);
  };
  const move = (key: string) => {
    const next = stepped(at.current, key, count);
    if (next !== null) go(next);
    return next !== null;
  };
  useShortcut("j", "Next call", () => move("j"));
  useShortcut("k", "Previous call", () => move("k"));
  return {
    wanted,
    go,
    onFocus: (index: number) => {
      at.current = index;
      setWanted(null);
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key.startsWith("Arrow") && move(event.key)) event.preventDefault();
    },
  };
}
