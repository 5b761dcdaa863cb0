/** The question as the person sees it: what is decided is what was shown, even when it changes meanwhile. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "@/api/queries";
import type { Interrupt, ListedInterrupt } from "@/api/types";

/** The whole question, with its payload: fetched where the list left it out. */
export function useWhole(given: ListedInterrupt | Interrupt) {
  const whole = given.payload !== undefined;
  const query = useQuery({ ...queries.interrupt(given.task_id, given.interrupt_id), enabled: !whole });
  if (given.payload !== undefined)
    return { ...query, data: { ...given, payload: given.payload }, error: null };
  // The list is the one that events renew first: what became of the question is taken from there.
  const data = query.data && { ...query.data, ...laterOf(query.data, given) };
  return { ...query, data };
}

function laterOf(one: Interrupt, other: ListedInterrupt): Partial<ListedInterrupt> {
  if (one.status !== "pending" || other.status === "pending") return {};
  const { status, decision, decided_at, decided_by, decided_via, votes } = other;
  return { status, decision, decided_at, decided_by, decided_via, votes };
}

/** `shown` keeps prompt, payload and digest as they were first seen, until `renew` is called. */
export function useShown(current: Interrupt): { shown: Interrupt; changed: boolean; renew: () => void } {
  const [first, setFirst] = useState(current);
  const { prompt, payload, digest } = first;
  return {
    shown: { ...current, prompt, payload, digest },
    changed: current.digest !== digest,
    renew: () => setFirst(current),
  };
}
