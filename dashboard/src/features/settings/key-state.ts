import type { ApiKey } from "@/api/types";
import { plural, usd } from "@/lib/format";

export type KeyState = "active" | "revoked" | "expired";

/** Whether a key still opens anything. */
export function keyState({ revoked_at, expires_at }: ApiKey, now: number): KeyState {
  if (revoked_at != null) return "revoked";
  return expires_at != null && expires_at <= now ? "expired" : "active";
}

/** What a key may take, in words. */
export function limitWords(limits: ApiKey["limits"]): string {
  const { requests_per_minute, active_tasks, daily_budget_usd } = limits ?? {};
  const parts = [
    requests_per_minute != null && `${plural(requests_per_minute, "request")} a minute`,
    active_tasks != null && `${plural(active_tasks, "task")} at once`,
    daily_budget_usd != null && `${usd(daily_budget_usd)} a day`,
  ].filter((part) => typeof part === "string");
  return parts.length === 0 ? "none of its own" : parts.join(", ");
}
