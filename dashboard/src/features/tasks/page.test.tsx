import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Task, TaskStatus } from "@/api/types";
import { startShortcuts } from "@/lib/shortcuts";
import { script, showPage } from "@/testing/page";
import { pass, stillTime } from "@/testing/still";
import Page from "./page";

function task(id: string, status: TaskStatus): Partial<Task> {
  return {
    task_id: id,
    task_description: `Sentence of ${id}`,
    workflow: "build",
    status,
    current_agent: "planner",
    pipeline: [],
    iteration: 0,
    max_iterations: 3,
    pr_url: id === "c" ? "javascript:alert(1)" : null,
    budget_usd: 0.5,
    total_cost_usd: 0.1,
    created_at: 1_800_000_000,
    updated_at: 1_800_000_000,
  };
}

const TASKS = [task("a", "running"), task("b", "waiting_for_input"), task("c", "completed")];

async function show(address = "/tasks") {
  const seen = script(({ method, path }) => {
    if (path === "/workflows") return { body: [] };
    if (method === "GET" && path.startsWith("/tasks?")) return { body: { items: TASKS, next: null } };
    if (path === "/tasks/b") return { status: 409, body: { title: "Conflict", detail: "it has just ended" } };
    return method === "DELETE" ? { body: TASKS[0] } : undefined;
  });
  const page = await showPage({ "/tasks": () => <Page />, "/tasks/$taskId": () => <p>one task</p> }, address);
  await screen.findByText("Sentence of a");
  return { ...page, seen, user: userEvent.setup() };
}

test("the list is asked for once, with the filters of the address", async () => {
  const { seen } = await show("/tasks?status=running&q=wiki");
  const lists = seen.filter(({ path }) => path.startsWith("/tasks?"));
  expect(lists.map(({ path }) => path)).toEqual(["/tasks?status=running&q=wiki&limit=50"]);
});

test("an address that is not a web page's is no link", async () => {
  await show();
  const row = screen.getByText("Sentence of c").closest("tr");
  expect(within(row as HTMLElement).getAllByRole("link")).toHaveLength(1);
});

test("j, k and arrows move between rows, and Enter opens the task", async () => {
  const end = startShortcuts();
  const { user, address } = await show();
  await user.keyboard("jj");
  expect(screen.getByText("Sentence of b")).toHaveFocus();
  await user.keyboard("{ArrowDown}k");
  expect(screen.getByText("Sentence of b")).toHaveFocus();
  await user.keyboard("{Enter}");
  await screen.findByText("one task");
  expect(address()).toBe("/tasks/b");
  end();
});

test("only tasks at work can be chosen, and those that could not be cancelled are named with the reason", async () => {
  const { user, seen } = await show();
  expect(screen.getByLabelText("Select Sentence of c")).toBeDisabled();
  await user.click(screen.getByLabelText("Select all tasks that can be cancelled"));
  await user.click(screen.getByRole("button", { name: "Cancel 2 tasks" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Cancel 2 tasks?" });
  expect(within(dialog).getByRole("button", { name: "Cancel" })).toHaveFocus();
  await user.click(within(dialog).getByRole("button", { name: "Cancel 2 tasks" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Sentence of b (b): it has just ended");
  const cancelled = seen.filter(({ method }) => method === "DELETE").map(({ path }) => path);
  expect(cancelled).toEqual(["/tasks/a", "/tasks/b"]);
});

test("what is typed into the search goes into the address a little later", async () => {
  const { address } = await show();
  await stillTime().type(screen.getByLabelText("Search sentences and ids"), "shop");
  expect(address()).toBe("/tasks");
  pass(300);
  vi.useRealTimers();
  await waitFor(() => expect(address()).toBe("/tasks?q=shop"));
});
