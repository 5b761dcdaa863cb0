import type { KeyRequest, Role } from "@/api/types";

/** The form of a new key as it is typed. */
export interface KeyDraft {
  name: string;
  role: Role;
  expires: string;
  requests: string;
  tasks: string;
  budget: string;
}

export const EMPTY: KeyDraft = {
  name: "",
  role: "operator",
  expires: "",
  requests: "",
  tasks: "",
  budget: "",
};

/** The field of the form that each field of the request is. */
export const FIELDS: Record<string, keyof KeyDraft> = {
  name: "name",
  role: "role",
  expires_days: "expires",
  "limits.requests_per_minute": "requests",
  "limits.active_tasks": "tasks",
  "limits.daily_budget_usd": "budget",
};

/** What is sent: empty fields are no limits. */
export function requestOf(draft: KeyDraft): KeyRequest {
  return {
    name: draft.name.trim(),
    role: draft.role,
    expires_days: number(draft.expires),
    limits: {
      requests_per_minute: number(draft.requests),
      active_tasks: number(draft.tasks),
      daily_budget_usd: number(draft.budget),
    },
  };
}

function number(text: string): number | null {
  const trimmed = text.trim();
  return trimmed === "" ? null : Number(trimmed);
}

/** What the service found wrong, by field of the form. */
export function errorsOf(
  errors: readonly { field: string; message: string }[],
): Partial<Record<keyof KeyDraft, string>> {
  return Object.fromEntries(
    errors.flatMap(({ field, message }) => {
      const known = FIELDS[field];
      return known ? [[known, message]] : [];
    }),
  );
}
