import { createContext, useContext } from "react";
import { Elapsed } from "@/ui/time";

/** The moment of the task's time that a replay has come to; null while things happen as they are seen. */
export const Moment = createContext<number | null>(null);

/** How long it takes so far, or took. */
export function Running({ from, to = null }: { from: number; to?: number | null }) {
  const moment = useContext(Moment);
  return <Elapsed from={from} to={to ?? moment} />;
}
