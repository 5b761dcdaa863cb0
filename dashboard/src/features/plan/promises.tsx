import { CircleCheck, CircleHelp, CircleSlash } from "lucide-react";
import type { TaskPlan } from "@/api/types";
import { inert } from "@/lib/text";
import { cx } from "@/ui/cx";

const PARTS = [
  { key: "covered", title: "Covered", Icon: CircleCheck, tone: "text-ok" },
  { key: "not_covered", title: "Not covered", Icon: CircleSlash, tone: "text-warn" },
  { key: "assumptions", title: "Assumed", Icon: CircleHelp, tone: "text-info" },
] as const;

/** What of the sentence the plan takes on, what it leaves out, and what it had to assume. */
export function Promises({ plan }: { plan: TaskPlan }) {
  return PARTS.map(({ key, title, Icon, tone }) => {
    const entries = plan[key] ?? [];
    if (entries.length === 0) return null;
    return (
      <section key={key} className="mt-4">
        <h3 className={cx("m-0 mb-1 flex items-center gap-1.5 text-[13px] font-semibold", tone)}>
          <Icon aria-hidden="true" className="size-4" />
          {title}
        </h3>
        <ul className="m-0 list-disc pl-6">
          {entries.map((entry) => (
            <li key={entry} className="break-words">
              {inert(entry)}
            </li>
          ))}
        </ul>
      </section>
    );
  });
}
