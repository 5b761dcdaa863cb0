import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import type { Health } from "@/api/types";
import { ModelName } from "@/blocks/model";
import { serverNow } from "@/lib/clock";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { QueryPanel, Skeleton } from "@/ui/states";
import { Elapsed } from "@/ui/time";
import { Fact, Facts } from "./facts";
import { Parts } from "./parts";
import { room, sandboxFacts } from "./sandbox-facts";
import { StateBadge } from "./state-badge";

export function HealthTab() {
  const query = useQuery(queries.health());
  return (
    <div className="flex flex-col gap-4">
      <QueryPanel query={query} skeleton={<Loading />}>
        {(health) => (
          <div className="grid gap-4 lg:grid-cols-2">
            <Service health={health} at={query.dataUpdatedAt} />
            <Sandbox health={health} />
          </div>
        )}
      </QueryPanel>
      <Parts />
    </div>
  );
}

function Loading() {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Skeleton lines={6} className="min-h-64 rounded-lg border border-line bg-surface p-4" />
      <Skeleton lines={6} className="min-h-64 rounded-lg border border-line bg-surface p-4" />
    </div>
  );
}

function Service({ health, at }: { health: Health; at: number }) {
  const { uptime_s, disk_free_mb, telegram, offline } = health;
  const begun = uptime_s == null ? null : serverNow() - (Date.now() - at) / 1000 - uptime_s;
  const models = [...new Set(Object.values(health.models ?? {}))];
  return (
    <Card title="Service">
      <Facts>
        <Fact name="Status">
          {health.status === "no_room" ? (
            <StateBadge state="bad">Disk nearly full: nothing new is begun</StateBadge>
          ) : (
            <StateBadge state="ok">Ready</StateBadge>
          )}
        </Fact>
        <Fact name="Version">{health.version}</Fact>
        {begun !== null && (
          <Fact name="Up for">
            <Elapsed from={begun} />
          </Fact>
        )}
        {disk_free_mb != null && <Fact name="Disk">{room(disk_free_mb)} free</Fact>}
        <Fact name="Models">
          {models.length === 0 ? (
            <span className="text-muted">Not told without a key</span>
          ) : (
            models.map((model) => (
              <div key={model}>
                <ModelName model={model} />
              </div>
            ))
          )}
          {offline && (
            <div className="text-xs text-muted">No provider's key is set, or AUTONOMY_OFFLINE is.</div>
          )}
        </Fact>
        <Fact name="Telegram">
          {telegram == null ? (
            <StateBadge state="off">Not set up</StateBadge>
          ) : telegram === "ok" ? (
            <StateBadge state="ok">Connected</StateBadge>
          ) : (
            <>
              <StateBadge state="bad">Not working</StateBadge> {inert(telegram)}
            </>
          )}
        </Fact>
      </Facts>
    </Card>
  );
}

function Sandbox({ health }: { health: Health }) {
  const facts = sandboxFacts(health.sandbox);
  return (
    <Card title="Sandbox">
      {facts === null ? (
        <p className="m-0 text-muted">What generated code runs in is told to callers with a key.</p>
      ) : (
        <Facts>
          <Fact name="State">
            {facts.ok ? (
              <StateBadge state="ok">Generated code runs in {facts.backend}</StateBadge>
            ) : (
              <StateBadge state="bad">Generated code is not run</StateBadge>
            )}
          </Fact>
          {facts.reason && <Fact name="Why">{inert(facts.reason)}</Fact>}
          {facts.fix && <Fact name="To mend it">{inert(facts.fix)}</Fact>}
          {facts.isolation && <Fact name="Isolation">{inert(facts.isolation)}</Fact>}
          {facts.enforced.length > 0 && (
            <Fact name="Enforced">
              <ul className="m-0 flex list-none flex-wrap gap-1.5 p-0">
                {facts.enforced.map((each) => (
                  <li key={each} className="rounded bg-sunken px-2 py-0.5 text-xs">
                    {inert(each)}
                  </li>
                ))}
              </ul>
            </Fact>
          )}
        </Facts>
      )}
    </Card>
  );
}
