import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { describe, expect, it, vi } from "vitest";
import { json, serve } from "@/testing/events";
import { until } from "@/testing/until";
import { CreateKey } from "./key-create";
import { KeySecret } from "./key-secret";
import { KeysTab } from "./keys";

const KEY = {
  key_id: "a1",
  name: "ada",
  role: "operator" as const,
  created_at: 1,
  created_by: "",
  limits: {},
};

function within(node: ReactNode) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(<QueryClientProvider client={client}>{node}</QueryClientProvider>);
}

describe("keys", () => {
  it("are not asked for with a key that may not see them", async () => {
    const made = serve(() => json({ name: "ada", role: "operator", key_id: "a1" }));
    within(<KeysTab />);
    expect(await screen.findByText(/needs a key of the role admin/)).toBeVisible();
    expect(made.map((request) => new URL(request.url).pathname)).toEqual(["/whoami"]);
  });

  it("say that from the first one on nobody comes in without", async () => {
    serve((url) => json(url.pathname === "/whoami" ? { role: "admin", key_id: null } : []));
    within(<KeysTab />);
    expect(await screen.findByText("There are no keys")).toBeVisible();
    expect(screen.getByText(/from then on nobody comes in without a key/)).toBeVisible();
  });
});

describe("a new key", () => {
  it("shows what the service found wrong beside the field", async () => {
    serve(() =>
      json(
        {
          title: "Invalid input",
          detail: "name: no",
          errors: [{ field: "name", message: "String should match pattern" }],
        },
        422,
      ),
    );
    within(<CreateKey first={false} onClose={() => undefined} onMade={() => undefined} />);
    await userEvent.type(screen.getByLabelText("Name"), "a b");
    await userEvent.click(screen.getByRole("button", { name: "Make the key" }));
    expect(await screen.findByText("String should match pattern")).toBeVisible();
    expect(screen.getByLabelText("Name")).toBeInvalid();
  });

  it("is an admin's when it is the first", async () => {
    const bodies: unknown[] = [];
    serve(async (_, request) => {
      bodies.push(await request.json());
      return json({ key: KEY, secret: "s" }, 201);
    });
    const onMade = vi.fn();
    within(<CreateKey first onClose={() => undefined} onMade={onMade} />);
    expect(screen.getByLabelText("Role")).toBeDisabled();
    await userEvent.type(screen.getByLabelText("Name"), "ada{Enter}");
    await until(() => expect(onMade).toHaveBeenCalledOnce());
    expect(bodies).toMatchObject([{ name: "ada", role: "admin" }]);
  });

  it("keeps its secret in view at the first try to close it", async () => {
    const onClose = vi.fn();
    within(<KeySecret made={{ key: KEY, secret: "the-secret" }} first={false} onClose={onClose} />);
    await userEvent.keyboard("{Escape}");
    expect(onClose).not.toHaveBeenCalled();
    expect(screen.getByText("the-secret")).toBeVisible();
    expect(screen.getByRole("alert")).toHaveTextContent("cannot be shown again");
    await userEvent.keyboard("{Escape}");
    expect(onClose).toHaveBeenCalledOnce();
  });
});
