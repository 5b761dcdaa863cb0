import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { script, showPage } from "@/testing/page";
import { NewTaskForm } from "./form";

const WORKFLOWS = [
  { name: "build", version: "1", title: "Build", options_schema: { type: "object", properties: {} } },
  {
    name: "change",
    version: "1",
    title: "Change a repository",
    options_schema: {
      type: "object",
      required: ["repo"],
      properties: { repo: { type: "string" }, draft: { type: "boolean", default: true } },
    },
  },
];

async function show(reply: { status?: number; body: unknown }) {
  const onClose = vi.fn();
  const seen = script(({ method, path }) => {
    if (path === "/workflows") return { body: WORKFLOWS };
    return method === "POST" && path === "/tasks" ? reply : undefined;
  });
  const { address } = await showPage(
    { "/": () => <NewTaskForm sentence="" onClose={onClose} />, "/tasks/$taskId": () => <p>the task</p> },
    "/",
  );
  const posts = () => seen.filter(({ method }) => method === "POST");
  return { onClose, address, posts, user: userEvent.setup() };
}

beforeEach(() => sessionStorage.clear());

test("a sentence and Ctrl+Enter is a task, sent once with a key of its own, and then shown", async () => {
  const { user, posts, onClose, address } = await show({ status: 201, body: { task_id: "t1" } });
  await user.type(await screen.findByLabelText("What is to be built"), "A wiki{Control>}{Enter}{/Control}");
  await screen.findByText("the task");
  expect(address()).toBe("/tasks/t1");
  expect(onClose).toHaveBeenCalledOnce();
  expect(posts()).toHaveLength(1);
  expect(posts()[0]?.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f]{32}$/);
  expect(posts()[0]?.body).toMatchObject({
    task_description: "A wiki",
    workflow: "build",
    use_sandbox: true,
  });
  expect(sessionStorage.length).toBe(0);
});

test("what the service objects to stands at its field, and trying the same again is the same act", async () => {
  const errors = [{ field: "output_directory", message: "must be absolute" }];
  const { user, posts, onClose } = await show({
    status: 422,
    body: { title: "Invalid input", status: 422, detail: "output_directory: must be absolute", errors },
  });
  await user.type(await screen.findByLabelText("What is to be built"), "A wiki");
  await user.type(screen.getByLabelText(/Output directory/), "here");
  await user.click(screen.getByRole("button", { name: "Start task" }));
  const field = screen.getByLabelText(/Output directory/);
  await waitFor(() => expect(field).toHaveAccessibleDescription(/must be absolute/));
  await user.click(screen.getByRole("button", { name: "Start task" }));
  await waitFor(() => expect(posts()).toHaveLength(2));
  expect(posts()[0]?.headers.get("Idempotency-Key")).toBe(posts()[1]?.headers.get("Idempotency-Key"));
  expect(onClose).not.toHaveBeenCalled();
});

test("the options of another workflow are asked for, and nothing is sent while one is missing", async () => {
  const { user, posts } = await show({ status: 201, body: { task_id: "t1" } });
  await user.type(await screen.findByLabelText("What is to be built"), "Fix the login");
  await screen.findByRole("option", { name: "change" });
  await user.selectOptions(screen.getByLabelText("Workflow"), "change");
  await user.click(screen.getByRole("button", { name: "Start task" }));
  expect(screen.getByLabelText("Repo")).toHaveAccessibleDescription("This is needed");
  expect(posts()).toHaveLength(0);
  await user.type(screen.getByLabelText("Repo"), "ada/shop");
  await user.click(screen.getByRole("switch", { name: "Draft" }));
  await user.click(screen.getByRole("button", { name: "Start task" }));
  await screen.findByText("the task");
  expect(posts()[0]?.body).toMatchObject({ workflow: "change", options: { repo: "ada/shop", draft: false } });
});

test("a full queue says when to come back", async () => {
  const { user } = await show({
    status: 429,
    body: { title: "Too many", status: 429, detail: "50 tasks wait", retry_after_s: 30 },
  });
  await user.type(await screen.findByLabelText("What is to be built"), "A wiki");
  await user.click(screen.getByRole("button", { name: "Start task" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("50 tasks wait. Try again in 30 s.");
});
