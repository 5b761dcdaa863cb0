import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Notes } from "./pages/Notes";
import { SignIn } from "./pages/SignIn";

const answer = (body: unknown) => () => Promise.resolve(Response.json(body));

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("notes are shown by their titles", async () => {
  const note = { id: 1, owner_id: 1, title: "Milk", body: null, pinned: false, tag_ids: [], created_at: "", updated_at: "" };
  vi.stubGlobal("fetch", answer({ items: [note], total: 1, limit: 20, offset: 0 }));
  render(<Notes />);
  expect(await screen.findByText("Milk")).toBeTruthy();
});

test("a visitor can sign in or create an account", () => {
  render(<SignIn onToken={() => undefined} />);
  expect(screen.getByRole("button").textContent).toBe("Sign in");
  expect(screen.getByRole("link").textContent).toBe("Create account");
});
