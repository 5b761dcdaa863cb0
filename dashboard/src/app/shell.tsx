/** What is around every screen: navigation, connection, spend, the key, the palette, what is announced. */

import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import {
  Bot,
  ChartColumn,
  Command,
  House,
  Inbox,
  ListTodo,
  Menu as MenuIcon,
  Moon,
  Plus,
  ScrollText,
  Settings,
  Sun,
} from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { queries } from "@/api/queries";
import { usd } from "@/lib/format";
import { choose, useTheme } from "@/lib/preferences";
import { useShortcut } from "@/lib/shortcuts";
import { Button, IconButton } from "@/ui/button";
import { cx } from "@/ui/cx";
import { PanelBoundary } from "@/ui/states";
import { Toasts } from "@/ui/toast";
import { Announcer } from "./announcer";
import { ConnectionBanner, ConnectionDot } from "./connection";
import { KeyDialog } from "./key-dialog";
import { useNavigationKeys } from "./navigation-keys";
import { newTask, useNewTask } from "./new-task";

const Palette = lazy(() => import("./palette"));
const Help = lazy(() => import("./help"));
const NewTaskDrawer = lazy(() => import("@/features/newtask/drawer"));

const ITEMS = [
  { to: "/", label: "Overview", Icon: House, exact: true },
  { to: "/inbox", label: "Inbox", Icon: Inbox },
  { to: "/tasks", label: "Tasks", Icon: ListTodo },
  { to: "/agents", label: "Agents", Icon: Bot },
  { to: "/logs", label: "Logs", Icon: ScrollText },
  { to: "/analytics", label: "Analytics", Icon: ChartColumn },
  { to: "/settings", label: "Settings", Icon: Settings },
] as const;

export function Shell() {
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const [menu, setMenu] = useState(false);
  const drawer = useNewTask();
  useNavigationKeys();
  useShortcut("Mod+k", "Open the command palette", () => setPalette(true));
  useShortcut("?", "Show all shortcuts", () => setHelp(true));
  useShortcut("n", "New task", () => newTask());
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="sr-only z-[70] focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:rounded focus:bg-raised focus:p-2"
      >
        Skip to content
      </a>
      <Sidebar open={menu} onNavigate={() => setMenu(false)} />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar onMenu={() => setMenu(!menu)} menuOpen={menu} onPalette={() => setPalette(true)} />
        <ConnectionBanner />
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-[1600px] min-w-0 flex-1 p-3 focus:outline-none sm:p-5"
        >
          <PanelBoundary>
            <Outlet />
          </PanelBoundary>
        </main>
      </div>
      <KeyDialog />
      <Toasts />
      <Announcer />
      <Suspense>
        {palette && <Palette onClose={() => setPalette(false)} />}
        {help && <Help onClose={() => setHelp(false)} />}
        {drawer.open && <NewTaskDrawer sentence={drawer.sentence} onClose={drawer.close} />}
      </Suspense>
    </div>
  );
}

function Sidebar({ open, onNavigate }: { open: boolean; onNavigate: () => void }) {
  return (
    <nav
      aria-label="Main"
      className={cx(
        "z-30 w-52 shrink-0 flex-col gap-1 border-r border-line bg-surface p-3 lg:sticky lg:top-0 lg:flex lg:h-dvh",
        open ? "fixed inset-y-0 left-0 flex shadow-card" : "hidden",
      )}
    >
      <Link
        to="/"
        className="mb-2 flex items-center gap-2 px-2 py-1 text-base font-semibold text-text no-underline"
        onClick={onNavigate}
      >
        <img src="/ui/icon.svg" alt="" width={22} height={22} />
        Autonomy
      </Link>
      {ITEMS.map(({ to, label, Icon, ...rest }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: "exact" in rest, includeSearch: false }}
          onClick={onNavigate}
          className="flex min-h-9 items-center gap-2.5 rounded-md px-2 text-muted no-underline hover:bg-sunken hover:text-text"
          activeProps={{ className: "!text-accent bg-accent-soft font-medium" }}
        >
          <Icon aria-hidden="true" className="size-4" />
          {label}
          {to === "/inbox" && <InboxCount />}
        </Link>
      ))}
      <div className="mt-auto flex flex-col gap-2 px-2 text-xs text-muted">
        <ConnectionDot />
        <SpendToday />
      </div>
    </nav>
  );
}

/** How many questions wait; also in the title of the page. */
function InboxCount() {
  const { data } = useQuery(queries.waiting());
  const count = data?.length ?? 0;
  useEffect(() => {
    document.title = count > 0 ? `(${count}) Autonomy` : "Autonomy";
  }, [count]);
  if (count === 0) return null;
  return (
    <span className="ml-auto rounded-full bg-warn-soft px-1.5 text-xs font-semibold text-warn">
      {count}
      <span className="sr-only"> waiting</span>
    </span>
  );
}

function SpendToday() {
  const { data } = useQuery(queries.stats());
  if (!data) return null;
  const { day } = data.budget;
  return (
    <div>
      Today {usd(day.spent_usd)}
      {day.cap_usd != null && ` of ${usd(day.cap_usd)}`}
    </div>
  );
}

function TopBar({
  onMenu,
  menuOpen,
  onPalette,
}: {
  onMenu: () => void;
  menuOpen: boolean;
  onPalette: () => void;
}) {
  return (
    <header className="sticky top-0 z-20 flex min-h-13 items-center gap-2 border-b border-line bg-surface px-3">
      <IconButton label="Menu" aria-expanded={menuOpen} onClick={onMenu} className="lg:!hidden">
        <MenuIcon aria-hidden="true" className="size-5" />
      </IconButton>
      <button
        type="button"
        onClick={onPalette}
        className="flex min-h-9 min-w-0 flex-1 items-center gap-2 rounded-md border border-line bg-sunken px-3 text-left text-muted sm:max-w-96"
      >
        <Command aria-hidden="true" className="size-4 shrink-0" />
        <span className="truncate">Search or jump to</span>
        <kbd className="ml-auto hidden text-xs sm:inline">Ctrl K</kbd>
      </button>
      <div className="ml-auto flex items-center gap-1.5">
        <ThemeButton />
        <Button
          kind="primary"
          icon={<Plus aria-hidden="true" className="size-4" />}
          onClick={() => newTask()}
        >
          <span className="max-sm:sr-only">New task</span>
        </Button>
      </div>
    </header>
  );
}

function ThemeButton(): ReactNode {
  const theme = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <IconButton label={`Use the ${other} theme`} onClick={() => choose({ theme: other })}>
      {theme === "dark" ? (
        <Sun aria-hidden="true" className="size-4" />
      ) : (
        <Moon aria-hidden="true" className="size-4" />
      )}
    </IconButton>
  );
}
