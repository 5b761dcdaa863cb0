import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";

/** Render what has links in it; they lead to `/ui/...` as in the page. Resolves once it is there. */
export async function renderRouted(element: ReactNode) {
  const root = createRootRoute({ component: () => element });
  const any = createRoute({ getParentRoute: () => root, path: "$", component: () => null });
  const router = createRouter({
    routeTree: root.addChildren([any]),
    basepath: "/ui",
    history: createMemoryHistory({ initialEntries: ["/ui/"] }),
  });
  await router.load();
  // The types of this router are not those of the page.
  return render(<RouterProvider router={router as never} />);
}
