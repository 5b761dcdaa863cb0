import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { apiKey, onApiKey } from "@/api/key";
import { queries } from "@/api/queries";
import type { Caller } from "@/api/types";
import { inert } from "@/lib/text";
import { limitWords } from "./key-state";

/** Whose key this browser uses, and what it may. */
export function WhoAmI() {
  const { data } = useQuery(queries.whoami());
  const key = useSyncExternalStore(onApiKey, apiKey);
  return <>{data ? who(data, key !== null) : "Health, set-up and access."}</>;
}

/** As a sentence. Without a key of its own a caller is whoever reaches the service, or has its one key. */
export function who({ key_id, name, role = "admin", limits }: Caller, hasKey: boolean): string {
  if (key_id == null) {
    return hasKey
      ? "You use the service's own key (API_KEY): role admin."
      : "No key is asked for: whoever reaches this service may do everything.";
  }
  return `You use the key ${inert(name ?? "")}: role ${role}, limits: ${limitWords(limits)}.`;
}
