import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import type { Accuracy } from "@/api/types";
import { Card } from "@/ui/card";
import { QueryPanel, Skeleton } from "@/ui/states";
import { accuracyWords } from "./derive";

/** How what was expected of tasks came true. */
export function Forecasts() {
  const query = useQuery(queries.stats());
  return (
    <Card title="How forecasts came true">
      <QueryPanel query={query} skeleton={<Skeleton lines={2} className="min-h-12" />}>
        {({ forecasts }) => (
          <dl className="m-0 grid gap-x-8 gap-y-3 md:grid-cols-2">
            <Record name="Cost" accuracy={forecasts.usd} />
            <Record name="Tokens" accuracy={forecasts.tokens} />
          </dl>
        )}
      </QueryPanel>
      <p className="mt-3 mb-0 text-xs text-muted">
        Of the newest 200 completed tasks, whatever the time that is chosen above.
      </p>
    </Card>
  );
}

function Record({ name, accuracy }: { name: string; accuracy: Accuracy }) {
  return (
    <div>
      <dt className="font-medium">{name}</dt>
      <dd className="m-0 text-muted">
        {accuracyWords(accuracy) ?? "No completed task had a forecast of it yet."}
      </dd>
    </div>
  );
}
