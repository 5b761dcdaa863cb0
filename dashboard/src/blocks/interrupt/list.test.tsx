import { act, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { startShortcuts } from "@/lib/shortcuts";
import { json, serve } from "@/testing/events";
import { question } from "@/testing/questions";
import { renderScreen } from "@/testing/screen";
import { QuestionList } from "./list";

Element.prototype.scrollIntoView ??= () => undefined;

const some = (...names: string[]) =>
  names.map((name) => question({ interrupt_id: name, task_id: name, prompt: `${name} is ready: fine.` }));
const List = ({ names }: { names: string[] }) => (
  <QuestionList questions={some(...names)} label="Questions" level={2} />
);
const row = (name: string) => screen.getByRole("button", { name: new RegExp(`${name} is ready`) });

beforeEach(() => {
  serve((url) =>
    url.pathname === "/whoami"
      ? json({ name: "", role: "admin", key_id: null, limits: {} })
      : json({ title: "Not found", detail: "not here" }, 404),
  );
});

describe("a list of questions", () => {
  it("shows everything of the first one only", async () => {
    await renderScreen(<List names={["one", "two", "three"]} />);
    expect(await screen.findAllByRole("button", { name: "Approve" })).toHaveLength(1);
    expect(row("one")).toHaveAttribute("aria-expanded", "true");
    expect(row("two")).toHaveAttribute("aria-expanded", "false");
  });

  it("keeps what is being typed while other questions come and go", async () => {
    const { show } = await renderScreen(<List names={["one", "two"]} />);
    const field = await screen.findByLabelText("Your feedback");
    fireEvent.change(field, { target: { value: "half a sent" } });
    act(() => show(<List names={["zero", "one", "three"]} />));
    expect(screen.getByLabelText("Your feedback")).toBe(field);
    expect(field).toHaveValue("half a sent");
  });

  it("keeps what was typed when a card is closed and opened", async () => {
    await renderScreen(<List names={["draft"]} />);
    fireEvent.change(await screen.findByLabelText("Your feedback"), { target: { value: "later" } });
    await userEvent.click(row("draft"));
    await userEvent.click(row("draft"));
    expect(await screen.findByLabelText("Your feedback")).toHaveValue("later");
  });

  it("goes to the next question by u, opening it", async () => {
    const stop = startShortcuts();
    await renderScreen(<List names={["one", "two"]} />);
    await screen.findByRole("button", { name: "Approve" });
    row("one").focus();
    await userEvent.keyboard("u");
    expect(row("two")).toHaveFocus();
    expect(row("two")).toHaveAttribute("aria-expanded", "true");
    stop();
  });

  it("opens the next one when the open one was decided, and gives it the focus that was lost", async () => {
    const { show } = await renderScreen(<List names={["one", "two"]} />);
    (await screen.findByRole("button", { name: "Approve" })).focus();
    act(() => show(<List names={["two"]} />));
    expect(row("two")).toHaveAttribute("aria-expanded", "true");
    expect(row("two")).toHaveFocus();
  });

  it("holds back rows beyond a hundred until they are asked for", async () => {
    await renderScreen(<List names={Array.from({ length: 130 }, (_, index) => `n${index}`)} />);
    await screen.findByRole("button", { name: "Approve" });
    expect(screen.getAllByRole("listitem").filter((each) => each.dataset.question)).toHaveLength(100);
    await userEvent.click(screen.getByRole("button", { name: "Show more (30 left)" }));
    expect(screen.getAllByRole("listitem").filter((each) => each.dataset.question)).toHaveLength(130);
  });
});
