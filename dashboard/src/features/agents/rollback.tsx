import type { AgentName, VersionView } from "@/api/types";
import { agentTitle } from "@/lib/format";
import { Confirm } from "@/ui/dialog";
import { ChangeTrouble } from "./trouble";
import { useRollback } from "./use-change";

interface Props {
  agent: AgentName;
  to: VersionView;
  current: number;
  newest: number;
  onClose: () => void;
}

/** Asks before an earlier version becomes the current one again. */
export function Rollback({ agent, to, current, newest, onClose }: Props) {
  const rollback = useRollback(agent);
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Roll ${agentTitle(agent)} back to version ${to.version}?`}
      action={`Roll back to version ${to.version}`}
      busy={rollback.isPending}
      onConfirm={() => rollback.mutate({ to: to.version, current }, { onSuccess: onClose })}
    >
      {rollback.error && <ChangeTrouble error={rollback.error} onDone={onClose} />}
      <p className="m-0">
        What version {to.version} says becomes version {newest + 1}, the current one. Nothing is lost: version{" "}
        {current} stays in the list, and the counters of rules go on.
      </p>
    </Confirm>
  );
}
