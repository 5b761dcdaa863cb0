import { FlaskConical } from "lucide-react";
import type { AgentName, TrialView } from "@/api/types";
import { inert } from "@/lib/text";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { DeleteRule } from "./delete-rule";
import { Origin } from "./origin";

interface Props {
  agent: AgentName;
  trials: TrialView[];
  /** Of the identity that was looked at. */
  version: number;
  locked: boolean;
}

/** Rules that have to help in an experiment before they are told. */
export function Trials({ agent, trials, version, locked }: Props) {
  return (
    <Card title="On trial">
      <ul className="m-0 flex list-none flex-col gap-3 p-0">
        {trials.map((trial) => (
          <li key={trial.rule_id} className="flex flex-wrap items-start justify-between gap-2">
            <div className="min-w-0 flex-1 basis-64">
              <div className="break-words">{inert(trial.text)}</div>
              <div className="mt-1">
                <Badge tone="warn" icon={<FlaskConical aria-hidden="true" className="size-3.5" />}>
                  On trial
                </Badge>
              </div>
              <Origin origin={trial.origin} />
            </div>
            <DeleteRule agent={agent} rule={trial} version={version} locked={locked} />
          </li>
        ))}
      </ul>
      <p className="mt-3 mb-0 max-w-prose text-xs text-muted">
        They are told in experiments only, and become rules when one shows that they help.
      </p>
    </Card>
  );
}
