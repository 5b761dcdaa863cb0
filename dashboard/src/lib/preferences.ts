/** What a person chose in this browser: theme, density, single-key shortcuts, notifications. */

import { useSyncExternalStore } from "react";

export interface Preferences {
  theme: "system" | "light" | "dark";
  density: "comfortable" | "compact";
  /** Whether single keys are shortcuts (WCAG 2.1.4: they can be turned off). */
  shortcuts: boolean;
  /** Whether the browser may be asked to notify when a question comes. */
  notifications: boolean;
}

const DEFAULTS: Preferences = {
  theme: "system",
  density: "comfortable",
  shortcuts: true,
  notifications: false,
};
const NAME = "autonomy.preferences";
const THEME = "autonomy.theme";
const watchers = new Set<() => void>();

function read(): Preferences {
  try {
    const known = JSON.parse(localStorage.getItem(NAME) ?? "{}") as Partial<Preferences>;
    return { ...DEFAULTS, ...known };
  } catch {
    return DEFAULTS;
  }
}

let current = read();

export function preferences(): Preferences {
  return current;
}

export function choose(part: Partial<Preferences>): void {
  current = { ...current, ...part };
  try {
    localStorage.setItem(NAME, JSON.stringify(current));
    localStorage.setItem(THEME, current.theme);
  } catch {
    // Storage may be denied; the choice then lasts as long as the page.
  }
  applyTheme();
  for (const watcher of watchers) watcher();
}

/** Set the theme that was chosen, or the system's, and the density. `public/theme.js` sets the theme before the page is painted. */
export function applyTheme(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = current.theme === "system" ? (dark ? "dark" : "light") : current.theme;
  document.documentElement.dataset.theme = theme;
  document.documentElement.dataset.density = current.density;
}

export function followSystemTheme(): void {
  applyTheme();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(watch, preferences);
}

/** `light` or `dark`, as it is now. */
export function useTheme(): "light" | "dark" {
  return useSyncExternalStore(watchTheme, () =>
    document.documentElement.dataset.theme === "dark" ? "dark" : "light",
  );
}

function watchTheme(watcher: () => void): () => void {
  const observer = new MutationObserver(watcher);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}
