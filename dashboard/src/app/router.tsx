/** The screens by address. Each is a chunk of its own; this is the only place that knows all features. */

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
} from "@tanstack/react-router";
import { asProblem, Problem } from "@/api/problem";
import { Skeleton } from "@/ui/states";
import { NotFound, ScreenError } from "./edges";
import * as search from "./search";
import { Shell } from "./shell";

/**
 * A screen of its own chunk. The router would load the whole page anew when that cannot be fetched, and lose it with the
 * service away. What is loaded is not typed here: screens use the types of the routes.
 */
function screen(load: () => Promise<unknown>): RouteComponent {
  return lazyRouteComponent(async () => {
    const loaded = await load().catch(() => null);
    if (loaded === null)
      throw new Problem(0, "Not loaded", "this screen could not be fetched from the service");
    return loaded as { default: RouteComponent };
  });
}

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Shell });

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: screen(() => import("@/features/overview/page")),
});
const inbox = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  validateSearch: search.inboxSearch,
  component: screen(() => import("@/features/inbox/page")),
});
const tasks = createRoute({
  getParentRoute: () => root,
  path: "/tasks",
  validateSearch: search.tasksSearch,
  component: screen(() => import("@/features/tasks/page")),
});
const task = createRoute({
  getParentRoute: () => root,
  path: "/tasks/$taskId",
  component: screen(() => import("@/features/task/layout")),
});
const taskTabs = [
  createRoute({
    getParentRoute: () => task,
    path: "/",
    validateSearch: search.conversationSearch,
    component: screen(() => import("@/features/conversation/page")),
  }),
  createRoute({
    getParentRoute: () => task,
    path: "/timeline",
    validateSearch: search.timelineSearch,
    component: screen(() => import("@/features/timeline/page")),
  }),
  createRoute({
    getParentRoute: () => task,
    path: "/files",
    validateSearch: search.filesSearch,
    component: screen(() => import("@/features/files/page")),
  }),
  createRoute({
    getParentRoute: () => task,
    path: "/tests",
    validateSearch: search.iterationSearch,
    component: screen(() => import("@/features/tests/page")),
  }),
  createRoute({
    getParentRoute: () => task,
    path: "/review",
    validateSearch: search.iterationSearch,
    component: screen(() => import("@/features/review/page")),
  }),
  createRoute({
    getParentRoute: () => task,
    path: "/plan",
    component: screen(() => import("@/features/plan/page")),
  }),
  createRoute({
    getParentRoute: () => task,
    path: "/graph",
    validateSearch: search.graphSearch,
    component: screen(() => import("@/features/graph/page")),
  }),
  createRoute({
    getParentRoute: () => task,
    path: "/cost",
    component: screen(() => import("@/features/cost/page")),
  }),
  createRoute({
    getParentRoute: () => task,
    path: "/state",
    validateSearch: search.stateSearch,
    component: screen(() => import("@/features/state/page")),
  }),
] as const;
const agents = createRoute({
  getParentRoute: () => root,
  path: "/agents",
  component: screen(() => import("@/features/agents/page")),
});
const agent = createRoute({
  getParentRoute: () => root,
  path: "/agents/$agent",
  validateSearch: search.agentSearch,
  component: screen(() => import("@/features/agents/detail")),
});
const logs = createRoute({
  getParentRoute: () => root,
  path: "/logs",
  validateSearch: search.logsSearch,
  component: screen(() => import("@/features/logs/page")),
});
const analytics = createRoute({
  getParentRoute: () => root,
  path: "/analytics",
  validateSearch: search.analyticsSearch,
  component: screen(() => import("@/features/analytics/page")),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch: search.settingsSearch,
  component: screen(() => import("@/features/settings/page")),
});

const tree = root.addChildren([
  overview,
  inbox,
  tasks,
  task.addChildren([...taskTabs]),
  agents,
  agent,
  logs,
  analytics,
  settings,
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: "/ui",
    context: { client },
    defaultPreload: "intent",
    defaultPendingComponent: () => <Skeleton lines={6} className="p-4" />,
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: ({ error }) => <ScreenError problem={asProblem(error)} />,
    scrollRestoration: true,
  });
}
