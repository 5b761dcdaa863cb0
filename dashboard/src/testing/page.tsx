/** Components on a page of their own: a router in memory, kept answers, and a service that is scripted. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import type { ComponentType, ReactNode } from "react";
import { vi } from "vitest";

/** The router of a test is not the one that is registered. */
const Provider = RouterProvider as ComponentType<{ router: unknown }>;

export interface Asked {
  method: string;
  /** Path with its query. */
  path: string;
  body: unknown;
  headers: Headers;
}

/** Answer as `reply` says, by method and path; what it was asked is returned. */
export function script(reply: (asked: Asked) => { status?: number; body: unknown } | undefined): Asked[] {
  const seen: Asked[] = [];
  vi.stubGlobal("fetch", async (input: Request | URL | string) => {
    const request = input instanceof Request ? input : new Request(input);
    const url = new URL(request.url);
    const text = await request.text();
    const asked = {
      method: request.method,
      path: url.pathname + url.search,
      body: text === "" ? null : (JSON.parse(text) as unknown),
      headers: request.headers,
    };
    seen.push(asked);
    const { status = 200, body } = reply(asked) ?? {
      status: 404,
      body: { title: "Not found", detail: "none" },
    };
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  });
  return seen;
}

/** `routes` by path; the address begins at `at`. Returns where the router is now. */
export async function showPage(routes: Record<string, () => ReactNode>, at: string) {
  const root = createRootRoute();
  const children = Object.entries(routes).map(([path, component]) =>
    createRoute({ getParentRoute: () => root, path, component }),
  );
  const router = createRouter({
    routeTree: root.addChildren(children),
    history: createMemoryHistory({ initialEntries: [at] }),
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: "always" } } });
  render(
    <QueryClientProvider client={client}>
      <Provider router={router} />
    </QueryClientProvider>,
  );
  await screen.findAllByText(/./);
  return { address: () => router.state.location.href, client };
}
