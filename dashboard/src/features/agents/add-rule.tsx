import { Plus } from "lucide-react";
import { useState } from "react";
import type { AgentName } from "@/api/types";
import { agentTitle } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextArea, TextField } from "@/ui/form";
import { ChangeTrouble } from "./trouble";
import { useRuleAdd } from "./use-change";

/** A rule of a person: a correction, told from then on. */
export function AddRule({ agent, version, locked }: { agent: AgentName; version: number; locked: boolean }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [why, setWhy] = useState("");
  const add = useRuleAdd(agent);
  const close = () => {
    add.reset();
    setOpen(false);
  };
  const done = () => {
    setText("");
    setWhy("");
    close();
  };
  return (
    <>
      <Button
        size="small"
        disabled={locked}
        icon={<Plus aria-hidden="true" className="size-3.5" />}
        onClick={() => setOpen(true)}
      >
        Add a rule
      </Button>
      <Dialog
        open={open}
        onOpenChange={(wanted) => !wanted && close()}
        title={`Add a rule to ${agentTitle(agent)}`}
        note="It is told with each task from then on, and is not tried first."
      >
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (!add.isPending && text.trim()) add.mutate({ text, why, version }, { onSuccess: done });
          }}
        >
          {add.error && <ChangeTrouble error={add.error} onDone={add.reset} />}
          <TextArea
            label="Rule"
            rows={3}
            maxLength={1000}
            value={text}
            onChange={(e) => setText(e.target.value)}
          />
          <TextField label="Why" maxLength={500} value={why} onChange={(e) => setWhy(e.target.value)} />
          <div className="flex justify-end gap-2">
            <Button onClick={close}>Cancel</Button>
            <Button type="submit" kind="primary" busy={add.isPending} disabled={!text.trim()}>
              Add the rule
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
