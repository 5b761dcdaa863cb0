/** The dialog that asks for the key; loaded when one is needed. */

import { type FormEvent, useState } from "react";
import { setApiKey } from "@/api/key";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Switch, TextField } from "@/ui/form";

interface Known {
  /** The key that was given is being tried. */
  checking: boolean;
  /** The service did not take it. */
  wrong: boolean;
}

export default function KeyForm({ onClose, ...known }: Known & { onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="This service asks for a key"
      note="It is sent in a header with each request, and kept in this browser only."
    >
      <Form {...known} />
    </Dialog>
  );
}

function Form({ checking, wrong }: Known) {
  const [key, setKey] = useState("");
  const [remember, setRemember] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() !== "" && !checking) setApiKey(key.trim(), remember);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label="API key"
        type="password"
        autoComplete="current-password"
        autoFocus
        value={key}
        onChange={(event) => setKey(event.target.value)}
        error={wrong ? "The service did not take the key that was given." : null}
      />
      <Switch
        label="Remember it in this browser"
        checked={remember}
        onChange={setRemember}
        hint="Otherwise it is forgotten with this tab."
      />
      <div className="flex justify-end">
        <Button kind="primary" type="submit" size="large" busy={checking}>
          Continue
        </Button>
      </div>
    </form>
  );
}
