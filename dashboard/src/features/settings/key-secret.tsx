import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { setApiKey } from "@/api/key";
import type { NewKey } from "@/api/types";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Dialog } from "@/ui/dialog";
import { Switch } from "@/ui/form";

interface Props {
  made: NewKey;
  /** It is the first one: this browser needs it to go on. */
  first: boolean;
  onClose: () => void;
}

/** The one time that a key's secret is shown. */
export function KeySecret({ made, first, onClose }: Props) {
  const [remember, setRemember] = useState(false);
  const [sure, setSure] = useState(false);
  return (
    <Dialog
      open
      // Closing by Esc or a click beside it would lose the secret: the first try only says so.
      onOpenChange={() => (sure ? onClose() : setSure(true))}
      title={`The key of ${inert(made.key.name)}`}
    >
      <div className="flex flex-col gap-4">
        <p className="m-0 flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-warn">
          <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
          <span>This is the only time that it is shown. It is stored nowhere; copy it now.</span>
        </p>
        <div className="flex items-center gap-2 rounded-md border border-line bg-sunken p-2">
          <code className="min-w-0 flex-1 break-all select-all">{made.secret}</code>
          <CopyButton label="Copy" text={made.secret} />
        </div>
        <p className="m-0 text-muted">
          Programs send it in the header <code>X-API-Key</code>.
        </p>
        {first && (
          <Switch
            label="Remember it in this browser"
            checked={remember}
            onChange={setRemember}
            hint="Otherwise it is forgotten with this tab."
          />
        )}
        {sure && (
          <p role="alert" className="m-0 text-warn">
            It cannot be shown again. Close once more if you have it.
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          {first && (
            <Button
              kind="primary"
              size="large"
              onClick={() => {
                setApiKey(made.secret, remember);
                onClose();
              }}
            >
              Use it in this browser
            </Button>
          )}
          <Button size="large" kind={first ? "secondary" : "primary"} onClick={onClose}>
            I have copied it
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
