import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { CallView, Interaction, TaskEvent } from "@/api/types";
import { renderApp } from "@/testing/app";
import { json, serve, stored } from "@/testing/events";
import { SHOWN } from "./bounded";
import { RowView } from "./row-view";
import { RowBuilder } from "./rows";
import { CallTexts } from "./texts";

const HOSTILE = '<img src=x onerror="alert(1)"> \u001b[31mred\u001b[0m \u202egnp.exe';

const usage = { input_tokens: 1_200, output_tokens: 30, cache_read_tokens: 900, cache_write_tokens: 0 };
const start: TaskEvent = {
  type: "llm_start",
  agent: "planner",
  model: "m-1",
  prompt_name: "planner/plan",
  call_id: "c1",
};
const end: TaskEvent = {
  ...start,
  type: "llm_end",
  usage,
  cost_usd: 0.02,
  seconds: 2,
  success: true,
  error: "",
};

const beginning: CallView = {
  call_id: "c1",
  ts: 1,
  agent: "planner",
  iteration: 0,
  model: "m-1",
  prompt_name: "planner/plan",
  prompt: HOSTILE,
  prompt_chars: 60,
  answer: "the answer begins",
  answer_chars: 1_000_000,
  cut: true,
  usage,
  cost_usd: 0.02,
  seconds: 2,
  success: true,
  error: "",
};

const whole: Partial<Interaction> = {
  messages: [
    { role: "system", content: "you are the planner" },
    { role: "user", content: "plan this" },
  ],
  response: "y".repeat(SHOWN + 5_000),
};

function shown(events: TaskEvent[], props: { open?: boolean; writing?: string; onToggle?: () => void } = {}) {
  const builder = new RowBuilder();
  for (const [index, event] of events.entries()) builder.add(stored(index + 1, event));
  const row = builder.rows().at(-1);
  if (!row) throw new Error("no row");
  const texts = new CallTexts("t1", async () => ({ items: [beginning], next: null }));
  return renderApp(
    <RowView
      row={row}
      index={0}
      texts={texts}
      writing={props.writing}
      open={props.open ?? false}
      marked={false}
      onToggle={props.onToggle ?? vi.fn()}
      onFocus={vi.fn()}
    />,
    "/tasks/$taskId",
    "/tasks/t1",
  );
}

afterEach(() => void vi.unstubAllGlobals());

test("a call says what it took, and its texts are text whatever is in them", async () => {
  const { container } = await shown([start, end]);
  expect(await screen.findByText(/the answer begins/)).toBeInTheDocument();
  expect(container.textContent).toContain("1.2k tokens in, 900 from cache, 30 out");
  expect(container.textContent).toContain("$0.02");
  expect(container.querySelector("img")).toBeNull();
  expect(container.textContent).toContain('<img src=x onerror="alert(1)"> red \u2426gnp.exe');
});

test("while a call runs it thinks, and what it writes is shown to its end", async () => {
  await shown([start]);
  expect(screen.getByTestId("thinking")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /show all/i })).toBeNull();
});

test("of a long answer that is being written only the end is painted", async () => {
  await shown([start], { writing: `${"x".repeat(50_000)} and now` });
  const text = screen.getByTestId("writing").textContent ?? "";
  expect(text.endsWith("and now")).toBe(true);
  expect(text.length).toBeLessThan(2_000);
});

test("an open call is fetched whole, and a million characters are not painted at once", async () => {
  const made = serve(() => json(whole));
  await shown([start, end], { open: true });
  const box = await screen.findByRole("region", { name: "Response" });
  expect(box.textContent).toHaveLength(SHOWN);
  expect(new URL(made[0]?.url ?? "").pathname).toBe("/logs/c1");
  await userEvent.click(screen.getByRole("button", { name: /show more/i }));
  expect(box.textContent).toHaveLength(SHOWN + 5_000);
  expect(screen.queryByRole("button", { name: /show more/i })).toBeNull();
});

test("the system prompt is there when it is asked for", async () => {
  serve(() => json(whole));
  await shown([start, end], { open: true });
  const summary = await screen.findByText(/System prompt · 19 characters/, { selector: "summary" });
  expect(summary.closest("details")).not.toHaveAttribute("open");
});

test("a whole call that cannot be fetched says why and can be asked for again", async () => {
  serve(() => json({ title: "Not found", detail: "there is no such call", status: 404 }, 404));
  await shown([start, end], { open: true });
  expect(await screen.findByText("there is no such call")).toBeInTheDocument();
  serve(() => json(whole));
  await userEvent.click(screen.getByRole("button", { name: "Retry" }));
  expect(await screen.findByRole("region", { name: "Prompt" })).toHaveTextContent("plan this");
});

test("a failed call says why without being opened", async () => {
  await shown([start, { ...end, success: false, error: "the provider refused" } as TaskEvent]);
  expect(screen.getByText("Failed")).toBeInTheDocument();
  expect(screen.getByText("the provider refused")).toBeInTheDocument();
});

test("an opened check shows its findings with a way to the file", async () => {
  const finding = {
    check: "pytest",
    severity: "high" as const,
    message: HOSTILE,
    file: "backend/app/main.py",
    line: 3,
    category: "",
    owner: "backend_agent" as const,
    evidence: "",
  };
  const result = {
    name: "pytest",
    status: "failed" as const,
    detail: "",
    tests_run: 4,
    tests_failed: 1,
    seconds: 1,
  };
  const { container } = await shown(
    [{ type: "test", iteration: 0, result: { ...result, findings: [finding] } }],
    {
      open: true,
    },
  );
  const link = screen.getByRole("link", { name: "backend/app/main.py:3" });
  expect(link.getAttribute("href")).toBe("/tasks/t1/files?path=backend%2Fapp%2Fmain.py");
  expect(container.querySelector("img")).toBeNull();
});

test("an address is a link only where a browser may be sent there", async () => {
  const published = (reference: string): TaskEvent => ({
    type: "published",
    kind: "pull_request",
    reference,
    commit: "",
  });
  const first = await shown([published("https://code.example/pull/1")], { open: true });
  const link = screen.getByRole("link", { name: /code\.example/ });
  expect(link).toHaveAttribute("rel", "noreferrer");
  first.unmount();
  await shown([published("javascript:alert(1)")], { open: true });
  expect(screen.queryByRole("link")).toBeNull();
});

test("a link to the event is copied, and a press opens the row", async () => {
  const user = userEvent.setup();
  const onToggle = vi.fn();
  await shown([{ type: "notice", level: "info", text: "recovered" }], { onToggle });
  await user.click(screen.getByRole("button", { name: "Copy a link to event 1" }));
  expect(await navigator.clipboard.readText()).toMatch(/#e1$/);
  await user.click(screen.getByRole("button", { name: "Show all of it" }));
  expect(onToggle).toHaveBeenCalledWith("e1");
});
