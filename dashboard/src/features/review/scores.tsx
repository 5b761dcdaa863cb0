import { CircleCheck, CircleX } from "lucide-react";
import { roundTitle } from "@/blocks/rounds";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { cx } from "@/ui/cx";
import { Table } from "@/ui/table";
import { type AxisRow, axes, type Review } from "./derive";

const TITLES = { security: "Security", performance: "Performance", quality: "Quality" };

/** Scores by axis over the rounds, against what they must reach. */
export function Scores({ reviews, minimum }: { reviews: Review[]; minimum: number }) {
  return (
    <Card
      title="Scores"
      actions={<span className="text-xs text-muted">Each must reach {minimum} of 10</span>}
    >
      <div className="-m-4">
        <Table
          label="Scores by axis over the rounds"
          head={["Axis", ...reviews.map((review) => roundTitle(review.iteration)), "Now"]}
        >
          {axes(reviews, minimum).map((row) => (
            <tr key={row.axis}>
              <th scope="row" className="border-t border-line !text-[13px] !text-text">
                {TITLES[row.axis]}
              </th>
              {row.scores.map((score, index) => (
                <td key={reviews[index]?.iteration} className="min-w-40">
                  <Score score={score} minimum={minimum} />
                </td>
              ))}
              <td className="whitespace-nowrap">
                <Now row={row} />
              </td>
            </tr>
          ))}
        </Table>
      </div>
    </Card>
  );
}

function Score({ score, minimum }: { score: number; minimum: number }) {
  return (
    <div className="flex items-center gap-2">
      <span className="w-8 text-right font-medium tabular-nums">{trim(score)}</span>
      <span aria-hidden="true" className="relative h-2 min-w-20 flex-1 rounded-full bg-sunken">
        <span
          className={cx("absolute inset-y-0 left-0 rounded-full", score >= minimum ? "bg-ok" : "bg-bad")}
          style={{ width: `${score * 10}%` }}
        />
        <span className="absolute -inset-y-1 w-0.5 bg-text" style={{ left: `${minimum * 10}%` }} />
      </span>
    </div>
  );
}

function Now({ row }: { row: AxisRow }) {
  return (
    <span className="inline-flex items-center gap-2">
      {row.enough ? (
        <Badge tone="ok" icon={<CircleCheck aria-hidden="true" className="size-3.5" />}>
          enough
        </Badge>
      ) : (
        <Badge tone="bad" icon={<CircleX aria-hidden="true" className="size-3.5" />}>
          too low
        </Badge>
      )}
      {row.change !== null && (
        <span className="text-xs text-muted tabular-nums">
          {row.change === 0 ? "unchanged" : `${row.change > 0 ? "+" : "−"}${trim(Math.abs(row.change))}`}
        </span>
      )}
    </span>
  );
}

function trim(score: number): string {
  return score.toFixed(1).replace(/\.0$/, "");
}
