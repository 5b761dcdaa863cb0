/** How the service is set up, whether it is well, who may use it, and what this browser prefers. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { PageHeader } from "@/ui/card";
import { PanelBoundary } from "@/ui/states";
import { Tabs } from "@/ui/tabs";
import { AuditTab } from "./audit";
import { BrowserTab } from "./browser";
import { HealthTab } from "./health";
import { KeysTab } from "./keys";
import { ModelsTab } from "./models";
import { SettingsTab } from "./settings";
import { WhoAmI } from "./whoami";

type TabName = "health" | "settings" | "models" | "keys" | "audit" | "browser";

const TABS: readonly { value: TabName; name: string; label: string; view: () => ReactNode }[] = [
  { value: "health", name: "Health", label: "Health", view: () => <HealthTab /> },
  { value: "settings", name: "Settings", label: "Settings", view: () => <SettingsTab /> },
  { value: "models", name: "Models", label: "Models", view: () => <ModelsTab /> },
  { value: "keys", name: "Keys", label: "Keys", view: () => <KeysTab /> },
  { value: "audit", name: "Audit", label: "Audit", view: () => <AuditTab /> },
  { value: "browser", name: "This browser", label: "This browser", view: () => <BrowserTab /> },
];

export default function Page() {
  const { tab = "health" } = useSearch({ from: "/settings" });
  const navigate = useNavigate({ from: "/settings" });
  const shown = TABS.find(({ value }) => value === tab);
  return (
    <>
      <PageHeader title="Settings" note={<WhoAmI />} />
      <Tabs<TabName>
        label="Settings"
        value={tab}
        items={TABS}
        onChange={(next) => void navigate({ search: next === "health" ? {} : { tab: next }, replace: true })}
      >
        <PanelBoundary key={tab}>{shown?.view()}</PanelBoundary>
      </Tabs>
    </>
  );
}
