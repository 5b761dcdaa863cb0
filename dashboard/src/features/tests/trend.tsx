import { Minus } from "lucide-react";
import type { ReactNode } from "react";
import type { CheckResult } from "@/api/types";
import { roundTitle } from "@/blocks/rounds";
import { CheckBadge } from "@/blocks/status";
import { duration } from "@/lib/format";
import { inert } from "@/lib/text";
import { Card } from "@/ui/card";
import { Table } from "@/ui/table";
import { counts, type Round, trend } from "./derive";

/** The rounds beside each other: figures, then each check. */
export function Trend({ rounds }: { rounds: Round[] }) {
  return (
    <Card title="Over the rounds">
      <div className="-m-4">
        <Table
          label="Checks over the rounds"
          head={["Figure or check", ...rounds.map((round) => roundTitle(round.iteration))]}
        >
          <Row name="Checks failed" cells={rounds.map((round) => counts(round.checks).failed)} />
          <Row name="Tests run" cells={rounds.map((round) => round.tests_run.toLocaleString("en"))} />
          <Row name="Tests failed" cells={rounds.map((round) => round.tests_failed.toLocaleString("en"))} />
          <Row
            name="Operations covered"
            cells={rounds.map(({ coverage }) =>
              coverage ? `${coverage.covered.length} of ${coverage.promised.length}` : "–",
            )}
          />
          <Row name="Time" cells={rounds.map((round) => duration(round.seconds))} />
          {trend(rounds).map(({ name, statuses }) => (
            <Row key={name} name={inert(name)} cells={statuses.map(mark)} />
          ))}
        </Table>
      </div>
    </Card>
  );
}

function mark(status: CheckResult["status"] | undefined) {
  return status ? <CheckBadge status={status} /> : <Absent />;
}

function Absent() {
  return (
    <span title="No part of this round" className="text-muted">
      <Minus aria-hidden="true" className="size-4" />
      <span className="sr-only">no part of this round</span>
    </span>
  );
}

function Row({ name, cells }: { name: string; cells: ReactNode[] }) {
  return (
    <tr>
      <th scope="row" className="border-t border-line !text-[13px] !text-text">
        {name}
      </th>
      {cells.map((cell, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: one for each round, which does not move
        <td key={index} className="tabular-nums whitespace-nowrap">
          {cell}
        </td>
      ))}
    </tr>
  );
}
