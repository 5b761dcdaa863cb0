import { EyeOff, Pin, PinOff, TriangleAlert } from "lucide-react";
import type { AgentName, RuleView } from "@/api/types";
import { inert } from "@/lib/text";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { DeleteRule } from "./delete-rule";
import { Interval } from "./interval";
import { Origin } from "./origin";

const ICON = "size-3.5";

interface Props {
  agent: AgentName;
  /** Of the identity that was looked at; undefined while it is not known. */
  version: number | undefined;
  rule: RuleView;
  /** This browser's key may not change it, or what it would change is not known yet. */
  locked: boolean;
  busy: boolean;
  changing: boolean;
  onChange: (part: { pinned: boolean } | { disabled: boolean }) => void;
}

/** On narrow screens the other columns stand below the rule. */
export function RuleRow(props: Props) {
  const { rule } = props;
  return (
    <tr>
      <td className="md:min-w-64">
        <div className={rule.disabled ? "text-muted" : ""}>{inert(rule.text)}</div>
        <Marks rule={rule} />
        {rule.origin && <Origin origin={rule.origin} />}
        <div className="mt-2 flex flex-wrap items-end justify-between gap-2 md:hidden">
          <div>
            <Interval rule={rule} />
            {rule.use_count > 0 && (
              <div className="text-xs text-muted">
                {rule.success_count} of {rule.use_count} went well
              </div>
            )}
          </div>
          <Actions {...props} />
        </div>
      </td>
      <td className="tabular-nums max-md:hidden">{rule.use_count}</td>
      <td className="tabular-nums max-md:hidden">{rule.success_count}</td>
      <td className="max-md:hidden">
        <Interval rule={rule} />
      </td>
      <td className="max-md:hidden">
        <Actions {...props} />
      </td>
    </tr>
  );
}

function Marks({ rule }: { rule: RuleView }) {
  return (
    <div className="mt-1 flex flex-wrap gap-1.5">
      <Badge title={rule.source === "learned" ? "from finished tasks" : "from corrections"}>
        {rule.source === "learned" ? "Learned" : "Correction"}
      </Badge>
      {rule.weak && (
        <Badge tone="warn" icon={<TriangleAlert aria-hidden="true" className={ICON} />}>
          Weak
        </Badge>
      )}
      {rule.pinned && (
        <Badge tone="accent" icon={<Pin aria-hidden="true" className={ICON} />}>
          Pinned
        </Badge>
      )}
      {rule.disabled && <Badge icon={<EyeOff aria-hidden="true" className={ICON} />}>Disabled</Badge>}
    </div>
  );
}

function Actions({ agent, version = 0, rule, locked, busy, changing, onChange }: Props) {
  const { pinned, disabled } = rule;
  const PinIcon = pinned ? PinOff : Pin;
  const about = `: ${inert(rule.text).slice(0, 60)}`;
  return (
    <div className="flex flex-wrap justify-end gap-2">
      <Button
        size="small"
        disabled={locked}
        busy={busy && changing}
        icon={<PinIcon aria-hidden="true" className={ICON} />}
        onClick={() => !busy && onChange({ pinned: !pinned })}
      >
        {pinned ? "Unpin" : "Pin"}
        <span className="sr-only">{about}</span>
      </Button>
      <Button
        size="small"
        disabled={locked}
        busy={busy && changing}
        onClick={() => !busy && onChange({ disabled: !disabled })}
      >
        {disabled ? "Enable" : "Disable"}
        <span className="sr-only">{about}</span>
      </Button>
      <DeleteRule agent={agent} rule={rule} version={version} locked={locked} />
    </div>
  );
}
