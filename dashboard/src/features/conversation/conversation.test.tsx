import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startShortcuts } from "@/lib/shortcuts";
import { renderApp } from "@/testing/app";
import { json, notice, serve, stored } from "@/testing/events";
import { pass, stillTime } from "@/testing/still";
import { Conversation } from "./conversation";
import type { Wanted } from "./use-log";

// jsdom has no layout: the list follows its end, and what a reader sees of a long one is for the browser's tests.
const log = [stored(1, notice("first")), stored(2, notice("it broke", "error")), stored(3, notice("third"))];

function service(events = log) {
  return serve((url) =>
    json({ items: url.pathname.endsWith("/page") ? [...events].reverse() : [], next: null }),
  );
}

async function shown(wanted: Wanted = {}, onWanted = vi.fn()) {
  const page = <Conversation taskId="t1" wanted={wanted} onWanted={onWanted} target={null} />;
  return renderApp(page, "/tasks/$taskId", "/tasks/t1");
}

let end: () => void = () => undefined;
beforeEach(() => {
  end = startShortcuts();
});
afterEach(() => {
  end();
  vi.unstubAllGlobals();
});

test("the feed holds the events in order, each an article with its place", async () => {
  service();
  await shown();
  await screen.findByText("third");
  const articles = screen.getAllByRole("article");
  expect(articles.map((each) => each.getAttribute("aria-posinset"))).toEqual(["1", "2", "3"]);
  expect(articles.every((each) => each.getAttribute("aria-setsize") === "-1")).toBe(true);
  expect(screen.getByRole("feed")).toHaveAttribute("aria-busy", "false");
});

test("what is filtered is asked of the service, and the choice goes to the address", async () => {
  const made = service();
  const onWanted = vi.fn();
  await shown({ agent: "qa_agent", type: "checks", q: "boom" }, onWanted);
  await screen.findByText("third");
  const query = new URL(made[0]?.url ?? "").searchParams;
  expect([query.get("agent"), query.get("type"), query.get("q")]).toEqual([
    "qa_agent",
    "test,coverage,review,routed",
    "boom",
  ]);
  await userEvent.selectOptions(screen.getByLabelText("Kind of event"), "errors");
  expect(onWanted).toHaveBeenCalledWith({ agent: "qa_agent", type: "errors", q: "boom" });
});

test("a search goes out a moment after the last letter, once", async () => {
  service();
  const onWanted = vi.fn();
  await shown({}, onWanted);
  await stillTime().type(screen.getByLabelText("Search events"), "pytest");
  expect(onWanted).not.toHaveBeenCalled();
  pass(300);
  expect(onWanted.mock.calls).toEqual([[{ q: "pytest" }]]);
});

test("where nothing matches it says so and offers all events", async () => {
  service([]);
  const onWanted = vi.fn();
  await shown({ q: "nothing" }, onWanted);
  await userEvent.click(await screen.findByRole("button", { name: "Show all events" }));
  expect(onWanted).toHaveBeenCalledWith({});
});

test("a task to which nothing has happened yet says what will be here", async () => {
  service([]);
  await shown();
  expect(await screen.findByText("Nothing has happened yet")).toBeInTheDocument();
});

test("a log that cannot be read says why and is read again on demand", async () => {
  serve(() => json({ title: "Internal error", detail: "the disk is full", status: 500 }, 500));
  await shown();
  await screen.findByText("the disk is full");
  service();
  await userEvent.click(screen.getByRole("button", { name: "Retry" }));
  expect(await screen.findByText("third")).toBeInTheDocument();
});

test("the follow button and its key say and change what the list does", async () => {
  service();
  await shown();
  await screen.findByText("third");
  expect(screen.getByRole("button", { name: "Following" })).toHaveAttribute("aria-pressed", "true");
  await act(async () =>
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "f", bubbles: true })),
  );
  expect(screen.getByRole("button", { name: "Follow" })).toHaveAttribute("aria-pressed", "false");
  expect(screen.getByRole("feed")).toHaveAttribute("data-mode", "browse");
  await userEvent.click(screen.getByRole("button", { name: "To the newest" }));
  expect(screen.getByRole("feed")).toHaveAttribute("data-mode", "tail");
});
