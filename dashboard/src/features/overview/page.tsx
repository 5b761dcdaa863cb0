import { useQuery } from "@tanstack/react-query";
import { asProblem } from "@/api/problem";
import { queries } from "@/api/queries";
import { PageHeader } from "@/ui/card";
import { ErrorPanel, PanelBoundary, Skeleton } from "@/ui/states";
import { Ended } from "./ended";
import { isNew } from "./figures";
import { GettingStarted } from "./getting-started";
import { Installation } from "./installation";
import { NeedsYou } from "./needs-you";
import { Running } from "./running";
import { WeekCard } from "./week";

export default function OverviewPage() {
  const { data: stats, error, refetch } = useQuery(queries.stats());
  if (stats && isNew(stats.tasks)) return <GettingStarted />;
  return (
    <>
      <PageHeader title="Overview" />
      {!stats && error && <ErrorPanel problem={asProblem(error)} onRetry={() => void refetch()} />}
      {!stats && !error && <Skeleton lines={8} />}
      {stats && (
        <div className="grid min-w-0 gap-4 xl:grid-cols-[minmax(0,1fr)_340px]">
          <div className="flex min-w-0 flex-col gap-4">
            <PanelBoundary>
              <NeedsYou />
            </PanelBoundary>
            <PanelBoundary>
              <Running />
            </PanelBoundary>
            <PanelBoundary>
              <Ended />
            </PanelBoundary>
          </div>
          <div className="grid min-w-0 content-start gap-4 md:grid-cols-2 xl:grid-cols-1">
            <PanelBoundary>
              <WeekCard />
            </PanelBoundary>
            <PanelBoundary>
              <Installation stats={stats} />
            </PanelBoundary>
          </div>
        </div>
      )}
    </>
  );
}
