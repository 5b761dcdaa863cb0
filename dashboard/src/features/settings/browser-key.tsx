import { type FormEvent, useState, useSyncExternalStore } from "react";
import { apiKey, onApiKey, setApiKey } from "@/api/key";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Switch, TextField } from "@/ui/form";
import { toast } from "@/ui/toast";
import { WhoAmI } from "./whoami";

/** The key that this browser sends: replaced or forgotten. It is never shown. */
export function BrowserKey() {
  const key = useSyncExternalStore(onApiKey, apiKey);
  const [forgetting, setForgetting] = useState(false);
  return (
    <div className="flex max-w-xl flex-col gap-4">
      <p className="m-0 text-muted">
        <WhoAmI />
      </p>
      <Replace has={key !== null} />
      {key !== null && (
        <div>
          <Button kind="danger" onClick={() => setForgetting(true)}>
            Forget the key
          </Button>
        </div>
      )}
      <Confirm
        open={forgetting}
        onOpenChange={setForgetting}
        title="Forget the key of this browser?"
        action="Forget"
        danger
        onConfirm={() => {
          setForgetting(false);
          setApiKey(null);
          toast("This browser has forgotten its key");
        }}
      >
        If the service asks for a key, you will have to type one again. The key itself stays valid.
      </Confirm>
    </div>
  );
}

function Replace({ has }: { has: boolean }) {
  const [text, setText] = useState("");
  const [remember, setRemember] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    setApiKey(text.trim(), remember);
    setText("");
    toast("This browser uses the new key");
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextField
        label={has ? "Another key" : "Key"}
        type="password"
        autoComplete="off"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <Switch
        label="Remember it in this browser"
        checked={remember}
        onChange={setRemember}
        hint="Otherwise it is forgotten with this tab."
      />
      <div>
        <Button type="submit" disabled={text.trim() === ""}>
          {has ? "Replace the key" : "Use this key"}
        </Button>
      </div>
    </form>
  );
}
