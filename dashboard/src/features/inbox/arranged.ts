import type { InterruptKind, ListedInterrupt } from "@/api/types";

/** Those of one kind, by age: when they were asked, or where they are decided, when that was. */
export function arranged(
  questions: ListedInterrupt[],
  kind: InterruptKind | undefined,
  order: "oldest" | "newest",
): ListedInterrupt[] {
  const sign = order === "oldest" ? 1 : -1;
  const at = (each: ListedInterrupt) => each.decided_at ?? each.created_at;
  return questions
    .filter((each) => kind === undefined || each.kind === kind)
    .sort((a, b) => sign * (at(a) - at(b)) || a.interrupt_id.localeCompare(b.interrupt_id));
}

export function countByKind(questions: ListedInterrupt[]): Partial<Record<InterruptKind, number>> {
  const counts: Partial<Record<InterruptKind, number>> = {};
  for (const { kind } of questions) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
