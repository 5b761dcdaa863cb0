import type { Health } from "@/api/types";

/** The models that answer here, each once. */
export function modelsOf(health: Health): string[] {
  return [...new Set(Object.values(health.models ?? {}))].sort();
}

/** What the offline model is, and what it is not. */
export function OfflineNote() {
  return (
    <p className="m-0 mt-0.5 text-xs text-muted">
      Rules in this process, not a language model: it costs nothing and builds applications that store, list,
      search and connect things. It is no substitute for a large model on an unusual idea; what it cannot do
      it lists as not covered.
    </p>
  );
}
