/** A component as it is in the application: with kept answers and addresses, of which the last is given to look at. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";

/** Shown at `path` (a route as `/tasks/$taskId`); `at` is the address that the page was opened with. */
export async function renderApp(element: ReactNode, path = "/", at = path) {
  const root = createRootRoute();
  const page = createRoute({ getParentRoute: () => root, path, component: () => element });
  const other = createRoute({ getParentRoute: () => root, path: "$", component: () => <p>another page</p> });
  const history = createMemoryHistory({ initialEntries: [at] });
  const router = createRouter({ routeTree: root.addChildren([page, other]), history });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  await router.load();
  const shown = render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  );
  return { ...shown, client, address: () => history.location.href };
}
