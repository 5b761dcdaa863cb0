import type { ReactNode } from "react";
import { choose, type Preferences, usePreferences } from "@/lib/preferences";
import { Card } from "@/ui/card";
import { Switch } from "@/ui/form";
import { Segmented } from "@/ui/segmented";
import { BrowserKey } from "./browser-key";
import { Notifications } from "./notifications";

/** What is chosen for this browser alone. */
export function BrowserTab() {
  const { theme, density, shortcuts } = usePreferences();
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Card title="Appearance">
        <div className="flex flex-col gap-4">
          <Choice name="Theme">
            <Segmented<Preferences["theme"]>
              label="Theme"
              value={theme}
              options={[
                { value: "system", label: "As the system" },
                { value: "light", label: "Light" },
                { value: "dark", label: "Dark" },
              ]}
              onChange={(next) => choose({ theme: next })}
            />
          </Choice>
          <Choice name="Density">
            <Segmented<Preferences["density"]>
              label="Density"
              value={density}
              options={[
                { value: "comfortable", label: "Comfortable" },
                { value: "compact", label: "Compact" },
              ]}
              onChange={(next) => choose({ density: next })}
            />
          </Choice>
        </div>
      </Card>
      <Card title="Keyboard and notices">
        <div className="flex flex-col gap-4">
          <Switch
            label="Single-key shortcuts"
            checked={shortcuts}
            onChange={(on) => choose({ shortcuts: on })}
            hint="Off, only those with Ctrl or Cmd work. The key ? shows them all."
          />
          <Notifications />
        </div>
      </Card>
      <Card title="API key of this browser" className="lg:col-span-2">
        <BrowserKey />
      </Card>
    </div>
  );
}

function Choice({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1">
      <span aria-hidden="true" className="font-medium">
        {name}
      </span>
      {children}
    </div>
  );
}
