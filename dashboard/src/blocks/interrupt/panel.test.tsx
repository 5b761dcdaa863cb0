import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { Interrupt } from "@/api/types";
import { json, serve } from "@/testing/events";
import { EVIDENCE, MONEY, question } from "@/testing/questions";
import { renderScreen } from "@/testing/screen";
import { InterruptPanel } from "./index";
import { setDraft } from "./use-draft";

type Answer = (body: Record<string, unknown>) => Response | Promise<Response>;

/** The service with one question; what was posted to it is returned. */
function service(asked: Interrupt, decision: Answer, reading?: Answer) {
  const posted: { path: string; body: Record<string, unknown>; key: string | null }[] = [];
  serve(async (url, request) => {
    if (request.method === "POST") {
      const body = (await request.json().catch(() => ({}))) as Record<string, unknown>;
      posted.push({ path: url.pathname, body, key: request.headers.get("Idempotency-Key") });
      return url.pathname.endsWith("/reading") && reading ? reading(body) : decision(body);
    }
    if (url.pathname === "/whoami") return json({ name: "", role: "admin", key_id: null, limits: {} });
    if (url.pathname.startsWith("/tasks/t1/interrupts/")) return json(asked);
    return json({ detail: "not here", title: "Not found" }, 404);
  });
  return posted;
}

const decided = (asked: Interrupt, action: "approve" | "changes" | "raise_budget"): Interrupt => ({
  ...asked,
  status: "decided",
  decision: { action, message: "" },
  decided_at: 2_000,
  decided_via: "dashboard",
});

async function write(words: string) {
  fireEvent.change(await screen.findByLabelText("Your feedback"), { target: { value: words } });
}

beforeEach(() => {
  setDraft("q1", "");
});

describe("a question's panel", () => {
  it("shows what happens and what speaks for it, and text of models as text", async () => {
    service(question(), () => json({}));
    await renderScreen(<InterruptPanel interrupt={question()} />);
    expect(await screen.findByText("Checks: 2 passed, 1 not executed")).toBeInTheDocument();
    expect(screen.getByText(/8 of 9 operations covered/)).toBeInTheDocument();
    expect(screen.getByText("Replaces 1 file of main")).toBeInTheDocument();
    expect(screen.getByText("<b>long</b>")).toBeInTheDocument();
    expect(screen.getByText("no browser here")).toBeInTheDocument();
  });

  it("fetches what a list left out", async () => {
    service(question(), () => json({}));
    const { payload: _, ...listed } = question();
    await renderScreen(<InterruptPanel interrupt={listed} />);
    expect(await screen.findByText("Blog: keeps posts.")).toBeInTheDocument();
  });

  it("approves only behind a dialog that begins on Cancel, and a double click is one decision", async () => {
    const posted = service(question(), () => json(decided(question(), "approve"), 202));
    await renderScreen(<InterruptPanel interrupt={question()} />);
    await userEvent.click(await screen.findByRole("button", { name: "Approve" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(dialog.getByRole("button", { name: "Cancel" })).toHaveFocus();
    expect(dialog.getByText(/Not executed: vitest/)).toBeInTheDocument();
    await userEvent.dblClick(dialog.getByRole("button", { name: "Approve" }));
    expect(await screen.findByText(/by the dashboard/)).toBeInTheDocument();
    expect(posted).toHaveLength(1);
    expect(posted[0]).toMatchObject({
      path: "/tasks/t1/interrupts/q1/decision",
      body: { action: "approve", expected_digest: "d1" },
    });
    expect(posted[0]?.key).toMatch(/^[0-9a-f]{32}$/);
  });

  it("keeps its key when an answer was lost and the same is said again", async () => {
    let calls = 0;
    const posted = service(question(), () => {
      calls += 1;
      return calls === 1
        ? json({ detail: "try again", title: "Unavailable" }, 503)
        : json(decided(question(), "changes"), 202);
    });
    await renderScreen(<InterruptPanel interrupt={question()} />);
    await write("shorter");
    await userEvent.click(screen.getByRole("button", { name: "Ask for changes" }));
    expect(await screen.findByText("try again")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Ask for changes" }));
    await waitFor(() => expect(posted).toHaveLength(2));
    expect(posted[1]?.key).toBe(posted[0]?.key);
  });

  it("asks what should change before it sends that something should", async () => {
    const posted = service(question(), () => json({}));
    await renderScreen(<InterruptPanel interrupt={question()} />);
    await userEvent.click(await screen.findByRole("button", { name: "Ask for changes" }));
    expect(await screen.findByText("Say what should change.")).toBeInTheDocument();
    await waitFor(() => expect(screen.getByLabelText("Your feedback")).toHaveFocus());
    expect(posted).toHaveLength(0);
  });

  it("shows how words are read, with the evidence beside them, and sends what was read", async () => {
    const posted = service(
      question(),
      () => json(decided(question(), "changes"), 202),
      () => json({ action: "changes", message: "fewer results" }),
    );
    await renderScreen(<InterruptPanel interrupt={question()} />);
    await write("search returns too much");
    await userEvent.click(screen.getByRole("button", { name: "Show how this is read" }));
    expect(await screen.findByText("fewer results")).toBeInTheDocument();
    expect(screen.getByText("Checks: 2 passed, 1 not executed")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Send this answer" }));
    await waitFor(() => expect(posted.at(-1)?.path).toMatch(/decision$/));
    expect(posted.at(-1)?.body).toMatchObject({ action: "changes", message: "fewer results" });
  });

  it("forgets a reading when the words are changed", async () => {
    service(
      question(),
      () => json({}),
      () => json({ action: "approve", message: "" }),
    );
    await renderScreen(<InterruptPanel interrupt={question()} />);
    await write("ship it");
    await userEvent.click(screen.getByRole("button", { name: "Show how this is read" }));
    expect(await screen.findByRole("button", { name: "Send this answer" })).toBeInTheDocument();
    await write("ship it not");
    expect(screen.queryByRole("button", { name: "Send this answer" })).not.toBeInTheDocument();
  });

  it("says who was first when somebody else has answered", async () => {
    const winner = { via: "telegram", by: "ada", decided_at: 1_500, action: "approve" };
    service(question(), () => json({ title: "Conflict", detail: "already answered", winner }, 409));
    await renderScreen(<InterruptPanel interrupt={question()} />);
    await write("shorter");
    await userEvent.click(screen.getByRole("button", { name: "Ask for changes" }));
    expect(await screen.findByText(/Answered already: Approved by ada via Telegram/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Approve" })).not.toBeInTheDocument();
  });

  it("lets nobody decide what has changed since it was shown, until it is loaded anew", async () => {
    service(question(), () => json({}));
    const { show } = await renderScreen(<InterruptPanel interrupt={question()} />);
    await screen.findByRole("button", { name: "Approve" });
    const changed = question({
      digest: "d2",
      payload: { ...EVIDENCE, summary: "Blog: keeps posts and tags." },
    });
    act(() => show(<InterruptPanel interrupt={changed} />));
    expect(await screen.findByText(/has changed since it was shown/)).toBeInTheDocument();
    expect(screen.getByText("Blog: keeps posts.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Load it anew" }));
    expect(screen.getByText("Blog: keeps posts and tags.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Approve" })).toBeInTheDocument();
  });

  it("shows a refused amount beside the amounts", async () => {
    const asked = question({ kind: "budget", payload: MONEY, prompt: "The budget is reached: how much?" });
    service(asked, () =>
      json(
        { title: "Invalid", detail: "no", errors: [{ field: "budget_usd", message: "must be above 0.80" }] },
        422,
      ),
    );
    await renderScreen(<InterruptPanel interrupt={asked} />);
    await userEvent.click(await screen.findByRole("button", { name: /^Raise to/ }));
    expect(await screen.findByText("must be above 0.80")).toBeInTheDocument();
  });

  it("says that a vote is counted while more people have to agree", async () => {
    const asked = question({ needed: 2 });
    const votes = [{ person: "a", name: "a", via: "dashboard", action: "approve" as const, ts: 2_000 }];
    service(asked, () => json({ ...asked, votes }, 202));
    await renderScreen(<InterruptPanel interrupt={asked} />);
    expect(await screen.findByText(/0 of 2 people have approved/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Approve" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    await userEvent.click(dialog.getByRole("button", { name: "Approve" }));
    expect(await screen.findByText("Your approval is counted: 1 of 2.")).toBeInTheDocument();
  });

  it("shows a payload that it does not understand as data", async () => {
    const asked = question({ payload: { riddle: "what walks on four legs?" } });
    service(asked, () => json({}));
    await renderScreen(<InterruptPanel interrupt={asked} />);
    expect(await screen.findByText(/"riddle": "what walks on four legs\?"/)).toBeVisible();
  });

  it("shows a decided question with its answer and without buttons", async () => {
    const done = {
      ...decided(question(), "changes"),
      decision: { action: "changes" as const, message: "be brief" },
    };
    service(done, () => json({}));
    await renderScreen(<InterruptPanel interrupt={done} />);
    expect(await screen.findByText("be brief")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Approve" })).not.toBeInTheDocument();
  });
});
