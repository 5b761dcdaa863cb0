import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds a running service. */
const SERVICE = "http://127.0.0.1:8000";
const API =
  /^\/(tasks|interrupts|events|agents|logs|stats|workflows|models|health|config|whoami|keys|audit)(\/|\?|$)/;

/** Vendor code in chunks of its own, so that a change of ours leaves them as they are. */
const VENDORS: [name: string, test: RegExp][] = [
  // A group takes what it depends on along: what several of them use comes first, or all would wait for one of them.
  ["react", /node_modules\/(react|react-dom|scheduler|clsx|use-sync-external-store)\//],
  ["d3", /node_modules\/d3-(interpolate|color)\//],
  ["virtual", /node_modules\/@tanstack\/(react-virtual|virtual-core)\//],
  ["tanstack", /node_modules\/@tanstack\//],
  [
    "radix",
    /node_modules\/(radix-ui|@radix-ui|@floating-ui|aria-hidden|react-remove-scroll.*|react-style-singleton|use-.*|get-nonce|tslib)\//,
  ],
  [
    "codemirror",
    /node_modules\/(@codemirror\/(state|view|language|merge|search|commands)|@lezer\/(common|highlight|lr)|@marijn|style-mod|w3c-keyname|crelt)\//,
  ],
  [
    "graph",
    /node_modules\/(@xyflow|@dagrejs|d3-(zoom|drag|selection|transition|dispatch|timer|ease)|zustand)\//,
  ],
  [
    "charts",
    /node_modules\/(recharts|victory-vendor|d3-(shape|scale|array|path|time.*|format)|@reduxjs|redux.*|immer|reselect|react-redux|decimal\.js-light|es-toolkit|eventemitter3|internmap|react-is)\//,
  ],
];

export default defineConfig({
  base: "/ui/",
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: {
        codeSplitting: {
          groups: VENDORS.map(([name, test]) => ({ name, test })),
        },
      },
    },
  },
  server: {
    proxy: { [API.source]: { target: SERVICE, changeOrigin: false } },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    unstubGlobals: true,
    // One page for all files of a worker: to make one for each takes longer than the tests. The order is another each time.
    isolate: false,
    sequence: { shuffle: { files: true } },
    css: false,
  },
});
