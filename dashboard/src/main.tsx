/** The page begins here: theme, kept answers, the live stream, the router. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { asProblem } from "@/api/problem";
import { makeRouter } from "@/app/router";
import { followSystemTheme } from "@/lib/preferences";
import { startShortcuts } from "@/lib/shortcuts";
import { startLive } from "@/live";
import "./styles.css";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // Events say when an answer is out of date; looking at the page again is no reason to ask again.
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) => failures < 2 && asProblem(error).passing,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});
const router = makeRouter(client);

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}

startLive(client);
startShortcuts();
followSystemTheme();

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
