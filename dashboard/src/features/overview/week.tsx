import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { queries } from "@/api/queries";
import { serverNow } from "@/lib/clock";
import { duration, percent, plural, usd } from "@/lib/format";
import { Card, Figure } from "@/ui/card";
import { Sparkline } from "@/ui/sparkline";
import { QueryPanel, Skeleton } from "@/ui/states";
import { type Week, weekOf } from "./figures";

const DAYS = 7;

export function WeekCard() {
  const query = useQuery(queries.series("day", DAYS));
  return (
    <Card
      title="Last 7 days"
      actions={
        <Link to="/analytics" className="inline-flex min-h-7 items-center text-[13px] text-accent">
          Analytics
        </Link>
      }
    >
      <QueryPanel query={query} skeleton={<Skeleton lines={5} />}>
        {(series) => <Figures week={weekOf(series, serverNow())} />}
      </QueryPanel>
    </Card>
  );
}

function Figures({ week }: { week: Week }) {
  const { completed, failed, cancelled, success, median, costs, cost } = week;
  const ended = completed + failed + cancelled;
  const most = Math.max(...costs.map((each) => each.usd));
  return (
    <div className="grid grid-cols-2 gap-4">
      <Figure
        label="Finished"
        value={ended}
        note={[failed && `${failed} failed`, cancelled && `${cancelled} cancelled`]
          .filter(Boolean)
          .join(", ")}
      />
      <Figure
        label="Success rate"
        value={success === null ? "–" : percent(success)}
        note={success === null ? "no task has ended" : `of ${plural(completed + failed, "task")}`}
      />
      <Figure
        label="Median time"
        value={median === null ? "–" : duration(median)}
        note="without waits for people"
      />
      <Figure
        label="Cost"
        value={usd(cost)}
        note={
          most === 0 ? (
            "nothing was charged"
          ) : (
            <Sparkline
              values={costs.map((each) => each.usd)}
              label={`Cost of each day: ${costs.map((each) => `${each.day} ${usd(each.usd)}`).join(", ")}`}
            />
          )
        }
      />
    </div>
  );
}
