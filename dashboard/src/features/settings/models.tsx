import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import type { ModelFacts, ModelSetup } from "@/api/types";
import { ModelName } from "@/blocks/model";
import { AgentBadge } from "@/blocks/status";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { Disclosure } from "@/ui/disclosure";
import { QueryPanel, Skeleton } from "@/ui/states";
import { Table } from "@/ui/table";
import { ModelChecks } from "./model-checks";
import { priceWords } from "./prices";
import { StateBadge } from "./state-badge";

/** Which model each agent has, and what there is of each model. */
export function ModelsTab() {
  const query = useQuery(queries.models());
  return (
    <QueryPanel query={query} skeleton={<Skeleton lines={12} className="min-h-96" />}>
      {(setup) => (
        <div className="flex flex-col gap-4">
          <Agents setup={setup} />
          <Card title="Models">
            <div className="-mx-4 -my-4 [&_:is(td,th):first-child]:pl-4">
              <Table label="Models" head={["Model", "Provider", "Key", "Price of a million tokens"]}>
                {setup.models.map((facts) => (
                  <ModelRow key={facts.model} facts={facts} setup={setup} />
                ))}
              </Table>
            </div>
          </Card>
          <ModelChecks models={setup.models} />
        </div>
      )}
    </QueryPanel>
  );
}

function Agents({ setup }: { setup: ModelSetup }) {
  return (
    <Card title="Agents">
      <div className="-mx-4 -my-4 [&_:is(td,th):first-child]:pl-4">
        <Table label="Models of the agents" head={["Agent", "Model", "Set by", "Asked next", "Parameters"]}>
          {setup.agents.map(({ agent, model, source, fallback, parameters }) => (
            <tr key={agent}>
              <td>
                <AgentBadge agent={agent} />
              </td>
              <td className="min-w-40">
                <ModelName model={model} short />
              </td>
              <td className="min-w-32">{inert(source)}</td>
              <td>
                {fallback === null ? (
                  <span className="text-muted">none</span>
                ) : (
                  <ModelName model={fallback} short />
                )}
              </td>
              <td className="min-w-32">
                <Parameters parameters={parameters} />
              </td>
            </tr>
          ))}
        </Table>
      </div>
    </Card>
  );
}

function Parameters({ parameters }: { parameters: ModelSetup["agents"][number]["parameters"] }) {
  const names = Object.keys(parameters);
  if (names.length === 0) return <span className="text-muted">none</span>;
  return (
    <Disclosure className="-my-1" summary={inert(names.join(", "))}>
      <pre className="m-0 rounded bg-sunken p-2 text-xs whitespace-pre-wrap">
        {inert(JSON.stringify(parameters, null, 2))}
      </pre>
    </Disclosure>
  );
}

function ModelRow({ facts, setup }: { facts: ModelFacts; setup: ModelSetup }) {
  return (
    <tr>
      <td className="min-w-40">
        <ModelName model={facts.model} />
      </td>
      <td>{facts.provider ?? <span className="text-muted">unknown</span>}</td>
      <td className="whitespace-nowrap">
        <KeyState facts={facts} />
      </td>
      <td className="min-w-56">
        {facts.price === null ? (
          <>
            <StateBadge state="warn">Unknown</StateBadge> {UNKNOWN[setup.unknown_price]}
            {setup.unknown_price === "upper_bound" && `: ${priceWords(setup.dearest)}`}
          </>
        ) : (
          priceWords(facts.price)
        )}
      </td>
    </tr>
  );
}

const UNKNOWN: Record<ModelSetup["unknown_price"], string> = {
  ask: "a person is asked before it is called",
  deny: "it is not called",
  upper_bound: "reckoned as the dearest one",
};

function KeyState({ facts: { key, key_variable } }: { facts: ModelFacts }) {
  if (key === "not needed") return <StateBadge state="off">Not needed</StateBadge>;
  const variable = key_variable && <code className="ml-1 text-xs">{key_variable}</code>;
  if (key === "set")
    return (
      <>
        <StateBadge state="ok">Set</StateBadge>
        {variable}
      </>
    );
  if (key === "missing")
    return (
      <>
        <StateBadge state="bad">Missing</StateBadge>
        {variable}
      </>
    );
  return (
    <>
      <StateBadge state="warn">Unknown</StateBadge>
      {variable}
    </>
  );
}
