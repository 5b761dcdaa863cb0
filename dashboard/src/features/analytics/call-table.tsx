import { Link } from "@tanstack/react-router";
import { AGENTS, type SeriesRow } from "@/api/types";
import { ModelName } from "@/blocks/model";
import { duration, percent, plural, rate, short, usd } from "@/lib/format";
import { Card } from "@/ui/card";
import { Disclosure } from "@/ui/disclosure";
import { Empty } from "@/ui/states";
import { Table } from "@/ui/table";
import { type By, dayBounds, rowName } from "./derive";

const FIRST: Record<By, string> = {
  day: "Day (UTC)",
  agent: "Agent",
  model: "Model",
  prompt: "Prompt",
  identity: "Identity",
};
const NUMBER = "text-right whitespace-nowrap tabular-nums";

/** So many rows are shown at once; more of them when they are asked for. */
const FEW = 14;

/** The figures of the charts; each row leads to its calls. Days without a call are left out. */
export function CallTable({ rows, by }: { rows: readonly SeriesRow[]; by: By }) {
  const called = rows.filter((row) => row.calls > 0);
  const shown = by === "day" ? called.toReversed() : called;
  const table = <Figures rows={shown} by={by} />;
  return (
    <Card title="The same in figures">
      {shown.length === 0 ? (
        <Empty title="No call in this time" />
      ) : shown.length > FEW ? (
        <Disclosure summary={plural(shown.length, by, `${by}s`)}>{table}</Disclosure>
      ) : (
        table
      )}
    </Card>
  );
}

function Figures({ rows, by }: { rows: readonly SeriesRow[]; by: By }) {
  return (
    <div className="-mx-4 -mb-2 [&_:is(td,th):first-child]:pl-4 [&_th:nth-child(n+2)]:text-right">
      <Table
        label={`Calls by ${by}`}
        head={[
          FIRST[by],
          "Calls",
          "Failed",
          "Success",
          "Tokens in",
          "From cache",
          "Tokens out",
          "Cost",
          "Median time",
        ]}
      >
        {rows.map((row) => (
          <Row key={row.key} row={row} by={by} />
        ))}
      </Table>
    </div>
  );
}

function Row({ row, by }: { row: SeriesRow; by: By }) {
  const { input_tokens = 0, output_tokens = 0, cache_read_tokens = 0 } = row.usage;
  return (
    <tr>
      <td className="whitespace-nowrap">
        <Calls row={row} by={by} />
      </td>
      <td className={NUMBER}>{row.calls.toLocaleString("en")}</td>
      <td className={NUMBER}>{row.failures}</td>
      <td className={NUMBER}>{rate(row.calls - row.failures, row.calls)}</td>
      <td className={NUMBER}>{short(input_tokens)}</td>
      <td className={NUMBER}>{percent(Math.min(cache_read_tokens, input_tokens), input_tokens)}</td>
      <td className={NUMBER}>{short(output_tokens)}</td>
      <td className={NUMBER}>{usd(row.cost_usd)}</td>
      <td className={NUMBER}>{row.call_seconds == null ? "–" : duration(row.call_seconds)}</td>
    </tr>
  );
}

function Calls({ row, by }: { row: SeriesRow; by: By }) {
  if (by === "prompt" || by === "identity") return rowName(row.key, by); // calls are not searched by these
  const search =
    by === "day"
      ? dayBounds(row.key)
      : by === "model"
        ? { model: row.key }
        : { agent: AGENTS.find((each) => each === row.key) };
  return (
    <Link
      to="/logs"
      search={search}
      title="Its calls"
      className="inline-flex min-h-6 items-center text-accent"
    >
      {by === "model" ? <ModelName model={row.key} short /> : by === "day" ? row.key : rowName(row.key, by)}
    </Link>
  );
}
