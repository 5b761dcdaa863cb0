import { useState } from "react";
import { choose, usePreferences } from "@/lib/preferences";
import { activeShortcuts } from "@/lib/shortcuts";
import { Dialog } from "@/ui/dialog";
import { Switch } from "@/ui/form";

/** All shortcuts that work on the present screen, and the switch that turns single keys off. */
export default function Help({ onClose }: { onClose: () => void }) {
  const { shortcuts } = usePreferences();
  const [known] = useState(activeShortcuts);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Keyboard shortcuts">
      <Switch
        label="Single-key shortcuts"
        checked={shortcuts}
        onChange={(on) => choose({ shortcuts: on })}
        hint="Off, only those with Ctrl or Cmd work."
      />
      <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        {known.map(({ keys, does }) => (
          <div key={keys} className="contents">
            <dt>
              <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5">
                {keys.replace("Mod+", "Ctrl/Cmd ").replace(" ", " then ")}
              </kbd>
            </dt>
            <dd className="m-0">{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
