import { useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useShortcut } from "@/lib/shortcuts";
import { neighbourOf } from "./neighbours";

export const VIEWS_ID = "views";
const TABS = [
  { to: "/tasks/$taskId", label: "Conversation" },
  { to: "/tasks/$taskId/timeline", label: "Timeline" },
  { to: "/tasks/$taskId/files", label: "Files" },
  { to: "/tasks/$taskId/tests", label: "Tests" },
  { to: "/tasks/$taskId/review", label: "Review" },
  { to: "/tasks/$taskId/plan", label: "Plan" },
  { to: "/tasks/$taskId/graph", label: "Graph" },
  { to: "/tasks/$taskId/cost", label: "Cost" },
  { to: "/tasks/$taskId/state", label: "State" },
] as const;

/** The views of a task; where they do not fit they scroll, with the present one in view. */
export function TaskTabs({ taskId }: { taskId: string }) {
  const pathname = useLocation({ select: (location) => location.pathname });
  const bar = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address is another present tab
  useEffect(() => {
    const present = bar.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (!bar.current || !present) return;
    const { offsetLeft, offsetWidth } = present;
    bar.current.scrollLeft = offsetLeft - (bar.current.clientWidth - offsetWidth) / 2;
    // Another view begins at its top; the page stays where it is while the bar is in sight.
    if (bar.current.getBoundingClientRect().top < 0) bar.current.scrollIntoView();
  }, [pathname]);
  useNeighbourKeys(taskId, pathname);
  return (
    <nav
      ref={bar}
      id={VIEWS_ID}
      aria-label="Views of this task"
      className="relative flex scroll-mt-14 overflow-x-auto border-b border-line [scrollbar-width:thin]"
    >
      {TABS.map((tab, index) => (
        <Tab key={tab.to} tab={tab} number={index + 1} taskId={taskId} />
      ))}
    </nav>
  );
}

function Tab({ tab, number, taskId }: { tab: (typeof TABS)[number]; number: number; taskId: string }) {
  const navigate = useNavigate();
  useShortcut(
    String(number),
    `Show ${tab.label}`,
    () => void navigate({ to: tab.to, params: { taskId }, resetScroll: false }),
  );
  return (
    <Link
      to={tab.to}
      params={{ taskId }}
      resetScroll={false}
      activeOptions={{ exact: true, includeSearch: false }}
      title={`${tab.label} (key ${number})`}
      className="flex min-h-10 shrink-0 items-center border-b-2 border-transparent px-3 text-muted no-underline -outline-offset-2! hover:text-text"
      activeProps={{ className: "!border-accent !text-text font-medium" }}
    >
      {tab.label}
    </Link>
  );
}

/** `[` and `]` go through the list that was looked at last, on the same view. */
function useNeighbourKeys(taskId: string, pathname: string): void {
  const client = useQueryClient();
  const navigate = useNavigate();
  const go = async (step: 1 | -1) => {
    const next = await neighbourOf(client, taskId, step).catch(() => null);
    const view = pathname.split("/").at(-1);
    const tab = TABS.find(({ to }) => to.endsWith(`/${view}`)) ?? TABS[0];
    if (next !== null) void navigate({ to: tab.to, params: { taskId: next } });
  };
  useShortcut("[", "Previous task", () => void go(-1));
  useShortcut("]", "Next task", () => void go(1));
}
