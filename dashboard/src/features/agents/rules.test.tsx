import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { RuleOrigin, RuleView, TrialView } from "@/api/types";
import { json, serve } from "@/testing/events";
import { until } from "@/testing/until";
import { RulesTab } from "./rules";

const RULE: RuleView = {
  rule_id: "85e515f50b84ab8f",
  text: "Bodies never hold fields that the server sets",
  source: "correction",
  use_count: 14,
  success_count: 6,
  rate: 0.43,
  low: 0.21,
  high: 0.67,
  weak: true,
  pinned: false,
  disabled: false,
};
const ORIGIN: RuleOrigin = { by: "", why: "", at: 0, tasks: [], kinds: [], interactions: [], experiment: "" };
const TRIAL: TrialView = {
  rule_id: "0011223344556677",
  text: "Name every list in the plural",
  origin: { ...ORIGIN, by: "reflection", why: "reviews ask for it", at: 1_700_000_000 },
};
const IDENTITY = { agent: "planner", version: 4 };

interface World {
  role?: string;
  rules?: RuleView[];
  trials?: TrialView[];
  change?: (body: unknown) => Response;
}

function show({ role = "admin", rules = [RULE], trials = [], change }: World) {
  const sent: unknown[] = [];
  serve(async (url, request) => {
    if (request.method !== "GET") {
      const body: unknown =
        request.method === "DELETE" ? `${url.pathname}${url.search}` : await request.json();
      sent.push(body);
      return (
        change?.(body) ?? json({ identity: { ...IDENTITY, version: 5 }, rules, trials, versions: [5, 4] })
      );
    }
    if (url.pathname === "/whoami") return json({ name: "ada", role, key_id: "1" });
    if (url.pathname.endsWith("/identity")) return json({ identity: IDENTITY, rules, trials, versions: [4] });
    return json(rules);
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <RulesTab agent="planner" />
    </QueryClientProvider>,
  );
  return sent;
}

/** What stands in the columns; on narrow screens the same buttons stand below the rule. */
async function button(name: RegExp) {
  const table = await screen.findByRole("table");
  return within(table).getAllByRole("button", { name })[0] as HTMLElement;
}

/** The same once it can be pressed: that needs the version, which is another answer. */
async function usable(name: RegExp) {
  await until(() => expect(screen.getByRole("button", { name: "Add a rule" })).toBeEnabled());
  return button(name);
}

describe("rules of an agent", () => {
  it("are changed with the version that was looked at", async () => {
    const sent = show({});
    await userEvent.click(await usable(/^Pin/));
    await until(() => expect(sent).toEqual([{ pinned: true, expected_version: 4 }]));
  });

  it("say in words how they did and that they are weak", async () => {
    show({});
    expect((await screen.findAllByText("43 % (21–67 %)")).length).toBeGreaterThan(0);
    expect(screen.getByText("Weak")).toBeInTheDocument();
  });

  it("offer to load anew when somebody else was faster", async () => {
    show({
      change: () =>
        json(
          { title: "Conflict", status: 409, detail: "planner is at version 6, not 4; look at it again" },
          409,
        ),
    });
    await userEvent.click(await usable(/^Disable/));
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("planner is at version 6, not 4");
    await userEvent.click(within(alert).getByRole("button", { name: "Load anew" }));
    await until(() => expect(screen.queryByRole("alert")).toBeNull());
  });

  it("cannot be changed with a key that is no admin's, and say so", async () => {
    const sent = show({ role: "viewer" });
    expect(await screen.findByText(/needs a key of the role admin. Yours has the role viewer/)).toBeVisible();
    const pin = await button(/^Pin/);
    expect(pin).toBeDisabled();
    await userEvent.click(pin);
    expect(sent).toEqual([]);
  });

  it("say who put them there and why", async () => {
    show({ rules: [{ ...RULE, origin: { ...ORIGIN, by: "ada", why: "it went wrong twice" } }] });
    expect(await screen.findByText(/By ada: it went wrong twice/)).toBeVisible();
  });

  it("are deleted only after a question, with the version that was looked at", async () => {
    const sent = show({});
    await userEvent.click(await usable(/^Delete/));
    expect(sent).toEqual([]);
    const asked = await screen.findByRole("alertdialog");
    expect(asked).toHaveTextContent(RULE.text);
    await userEvent.click(within(asked).getByRole("button", { name: "Delete the rule" }));
    const path = `/agents/planner/rules/${RULE.rule_id}?expected_version=4`;
    await until(() => expect(sent).toEqual([path]));
  });

  it("cannot be deleted while they are pinned", async () => {
    show({ rules: [{ ...RULE, pinned: true }] });
    expect(await usable(/^Delete/)).toBeDisabled();
  });

  it("are added with a reason", async () => {
    const sent = show({});
    await usable(/^Pin/);
    await userEvent.click(screen.getByRole("button", { name: "Add a rule" }));
    const form = await screen.findByRole("dialog");
    const add = within(form).getByRole("button", { name: "Add the rule" });
    expect(add).toBeDisabled();
    await userEvent.type(within(form).getByLabelText("Rule"), "Ask twice");
    await userEvent.type(within(form).getByLabelText("Why"), "lists go wrong");
    await userEvent.click(add);
    const wish = { text: "Ask twice", why: "lists go wrong", expected_version: 4 };
    await until(() => expect(sent).toEqual([wish]));
  });

  it("on trial stand apart, with where they come from", async () => {
    show({ trials: [TRIAL] });
    expect(await screen.findByText(TRIAL.text)).toBeVisible();
    expect(screen.getAllByText("On trial").length).toBe(2);
    expect(screen.getByText(/By reflection/)).toHaveTextContent("reviews ask for it");
  });

  it("say what will come where there are none", async () => {
    show({ rules: [] });
    expect(await screen.findByText("It has no rules yet")).toBeVisible();
  });
});
