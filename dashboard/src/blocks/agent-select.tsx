import { AGENTS, type AgentName } from "@/api/types";
import { agentTitle } from "@/lib/format";
import { Select } from "@/ui/form";

/** A choice of one agent, or of none: `all` says what that is called. */
export function AgentSelect({
  value,
  all,
  onChange,
}: {
  value: AgentName | undefined;
  all: string;
  onChange: (agent: AgentName | undefined) => void;
}) {
  return (
    <Select
      label="Agent"
      hideLabel
      value={value ?? ""}
      onChange={({ target }) => onChange(AGENTS.find((each) => each === target.value))}
    >
      <option value="">{all}</option>
      {AGENTS.map((agent) => (
        <option key={agent} value={agent}>
          {agentTitle(agent)}
        </option>
      ))}
    </Select>
  );
}
