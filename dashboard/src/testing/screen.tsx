/** A component with what a page has around it: kept answers and a router that knows every address. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { type ReactNode, useSyncExternalStore } from "react";

// jsdom has it, and only complains.
window.scrollTo = () => undefined;

export interface Screen {
  client: QueryClient;
  /** Show this in its place, as a parent that renders again would. */
  show: (content: ReactNode) => void;
}

export async function renderScreen(content: ReactNode): Promise<Screen> {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false } },
  });
  let current = content;
  const watchers = new Set<() => void>();
  const watch = (watcher: () => void) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  };
  const root = createRootRoute({ component: () => useSyncExternalStore(watch, () => current) });
  const anywhere = createRoute({ getParentRoute: () => root, path: "$" });
  const router = createRouter({
    routeTree: root.addChildren([anywhere]),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  await router.load();
  render(
    <QueryClientProvider client={client}>
      {/* The test's router is not the one that is registered for types. */}
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  return {
    client,
    show: (next) => {
      current = next;
      for (const watcher of watchers) watcher();
    },
  };
}
