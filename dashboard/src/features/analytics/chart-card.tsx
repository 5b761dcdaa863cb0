import { lazy, type ReactNode, Suspense } from "react";
import { Card } from "@/ui/card";
import { PanelBoundary } from "@/ui/states";

export const Bars = lazy(() => import("./charts").then(({ Bars }) => ({ default: Bars })));
export const Course = lazy(() => import("./charts").then(({ Course }) => ({ default: Course })));

/** A chart in a card of its own: while the library is fetched its room is kept, and should it break the rest stays. */
export function ChartCard({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <Card title={title}>
      {note && <p className="mt-0 mb-2 text-xs text-muted">{note}</p>}
      <PanelBoundary>
        <Suspense fallback={<div role="status" aria-label="loading" className="skeleton h-56 opacity-50" />}>
          {children}
        </Suspense>
      </PanelBoundary>
    </Card>
  );
}
