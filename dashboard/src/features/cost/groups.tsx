import { duration, percent, short, usd } from "@/lib/format";
import { Card } from "@/ui/card";
import { Table } from "@/ui/table";
import type { Group, Measure } from "./derive";

/** Sums of one kind in a table, each with its part of the whole as a bar. */
export function Groups({
  title,
  first,
  groups,
  measure,
  name,
}: {
  title: string;
  first: string;
  groups: Group[];
  measure: Measure;
  name: (key: string) => string;
}) {
  return (
    <Card title={title}>
      <div className="-m-4">
        <Table
          label={title}
          head={[
            first,
            measure === "usd" ? "Share of the cost" : "Share of tokens",
            "Cost",
            "Calls",
            "Tokens in",
            "Tokens out",
            "Cached",
            "Time",
          ]}
        >
          {groups.map((group) => (
            <tr key={group.key} className="tabular-nums">
              <th scope="row" className="border-t border-line !text-[13px] !text-text">
                {name(group.key)}
              </th>
              <td className="w-2/5 min-w-40">
                <Bar share={group.share} />
              </td>
              <td className="whitespace-nowrap">{usd(group.usd)}</td>
              <td className="whitespace-nowrap">
                {group.calls}
                {group.failures > 0 && <span className="text-bad"> ({group.failures} failed)</span>}
              </td>
              <td>{short(group.input)}</td>
              <td>{short(group.output)}</td>
              <td>{percent(group.cached, group.input)}</td>
              <td className="whitespace-nowrap">{duration(group.seconds)}</td>
            </tr>
          ))}
        </Table>
      </div>
    </Card>
  );
}

function Bar({ share }: { share: number }) {
  return (
    <div className="flex items-center gap-2">
      <span className="w-12 text-right">{percent(share)}</span>
      <span aria-hidden="true" className="h-2.5 min-w-20 flex-1 rounded-sm bg-sunken">
        <span
          className="block h-full rounded-sm bg-accent"
          style={{ width: `${Math.max(share * 100, share > 0 ? 0.8 : 0)}%` }}
        />
      </span>
    </div>
  );
}
