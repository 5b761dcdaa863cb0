import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Span, TaskTimeline } from "@/api/types";
import { renderApp } from "@/testing/app";
import { Lanes } from "./lanes";
import { SpanTable, sorted } from "./span-table";

const span = (part: Partial<Span>): Span => ({
  span_id: `${part.lane}-${part.started_at}`,
  lane: "planner",
  kind: "agent",
  title: "plan",
  iteration: 0,
  started_at: 0,
  ended_at: 10,
  status: "done",
  summary: "",
  cost_usd: 0,
  tokens: 0,
  calls: 0,
  first_seq: 1,
  last_seq: 2,
  ...part,
});
const spans = [
  span({
    lane: "planner",
    started_at: 0,
    ended_at: 10,
    cost_usd: 0.3,
    calls: 1,
    tokens: 900,
    summary: "a plan",
  }),
  span({ lane: "qa_agent", title: "checks", started_at: 10, ended_at: 30, status: "failed", first_seq: 9 }),
  span({
    lane: "backend_agent",
    title: "build",
    started_at: 30,
    ended_at: null,
    status: "running",
    iteration: 1,
  }),
];
const timeline: TaskTimeline = {
  now: 40,
  spans,
  retries: [{ from_span: "qa_agent-10", to_span: "backend_agent-30", iteration: 0, reason: "2 findings" }],
  future: ["git_agent"],
  left_out: 0,
};
const zoom = { factor: 1, by: vi.fn(), fit: vi.fn() };

async function lanes(onOpen = vi.fn(), selected: string | null = null) {
  const onSelect = vi.fn();
  const props = { timeline, now: 40, zoom, selected, onSelect, onOpen };
  const shown = await renderApp(<Lanes {...props} />);
  return { ...shown, onSelect };
}

test("each bar says who, what, how it went and what it took", async () => {
  await lanes();
  expect(
    screen.getByRole("button", { name: /^Planner: plan, Done, 10 s, \$0\.30, 1 call, 900 tokens$/ }),
  ).toBeVisible();
  expect(screen.getByRole("button", { name: "QA: checks, Failed, 20 s" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Backend: build, round 2, Running, 10 s" })).toBeVisible();
});

test("an agent that is still to come has a lane that says so", async () => {
  await lanes();
  expect(screen.getByText("Git")).toBeVisible();
  expect(screen.getByText("not begun")).toBeVisible();
});

test("a retry is an arrow from what failed to what was to mend it", async () => {
  const { container } = await lanes();
  expect(container.querySelectorAll("svg path[marker-end]")).toHaveLength(1);
  expect(container.querySelector("svg title")?.textContent).toBe("2 findings");
});

test("one bar is in the order of tabs, arrow keys go to the others, and Enter opens the conversation there", async () => {
  const user = userEvent.setup();
  const onOpen = vi.fn();
  await lanes(onOpen);
  const tabbable = screen.getAllByRole("button").filter((each) => each.tabIndex === 0);
  expect(tabbable).toHaveLength(1);
  await user.tab();
  expect(document.activeElement).toHaveAttribute("data-span", "planner-0");
  await user.keyboard("{ArrowDown}{ArrowDown}");
  expect(document.activeElement).toHaveAttribute("data-span", "qa_agent-10");
  await user.keyboard("{Enter}");
  expect(onOpen).toHaveBeenCalledWith(spans[1]);
});

test("what a bar took is shown where one is", async () => {
  await lanes(vi.fn(), "planner-0");
  expect(screen.getByText("a plan")).toBeVisible();
});

test("rows are sorted by any column, both ways", () => {
  const ids = (...args: Parameters<typeof sorted>) => sorted(...args).map((each) => each.lane);
  expect(ids(spans, "Took", true, 100)).toEqual(["backend_agent", "qa_agent", "planner"]);
  expect(ids(spans, "Who", false, 40)).toEqual(["backend_agent", "planner", "qa_agent"]);
  expect(ids(spans, "Cost", true, 40)[0]).toBe("planner");
});

test("the table holds what the lanes hold, says how it is sorted, and leads to the conversation", async () => {
  await renderApp(<SpanTable spans={spans} now={40} />, "/tasks/$taskId", "/tasks/t1");
  const rows = () => screen.getAllByRole("row").slice(1);
  expect(rows()).toHaveLength(3);
  expect(within(rows()[0] as HTMLElement).getByRole("link")).toHaveAttribute("href", "/tasks/t1#e1");
  await userEvent.click(screen.getByRole("button", { name: "Took" }));
  await userEvent.click(screen.getByRole("button", { name: "Took" }));
  expect(screen.getByRole("columnheader", { name: "Took" })).toHaveAttribute("aria-sort", "descending");
  expect(rows()[0]).toHaveTextContent("checks");
});
