import { useRef } from "react";
import { idempotencyKey } from "./client";

/** The key of one act of a person: what is sent again unchanged (after a lost answer) is the same act, and has its key. */
export function useActKey(): (body: unknown) => string {
  const act = useRef({ body: "", key: "" });
  return (body) => {
    const text = JSON.stringify(body);
    if (act.current.key === "" || act.current.body !== text)
      act.current = { body: text, key: idempotencyKey() };
    return act.current.key;
  };
}
