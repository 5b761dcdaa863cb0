import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Maximize2, ZoomIn, ZoomOut } from "lucide-react";
import { queries } from "@/api/queries";
import type { Span, TaskTimeline } from "@/api/types";
import { useNow } from "@/lib/clock";
import { plural } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { Card } from "@/ui/card";
import { Segmented } from "@/ui/segmented";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { Lanes } from "./lanes";
import { SpanTable } from "./span-table";
import { useZoomFactor } from "./zoom";

const SHOWS = [
  { value: "lanes", label: "Lanes" },
  { value: "table", label: "Table" },
] as const;

export default function Page() {
  const { taskId } = useParams({ from: "/tasks/$taskId/timeline" });
  const { show = "lanes", span: selected = null } = useSearch({ from: "/tasks/$taskId/timeline" });
  const navigate = useNavigate({ from: "/tasks/$taskId/timeline" });
  const query = useQuery(queries.timeline(taskId));
  const zoom = useZoomFactor();
  const select = (span: Span) =>
    void navigate({
      search: (before) => ({ ...before, span: span.span_id }),
      replace: true,
      resetScroll: false,
    });
  const open = (span: Span) =>
    void navigate({ to: "/tasks/$taskId", params: { taskId }, hash: `e${span.first_seq}` });
  return (
    <Card
      title="Timeline"
      actions={
        <>
          {show === "lanes" && (
            <>
              <IconButton label="Zoom out" disabled={zoom.factor === 1} onClick={zoom.less}>
                <ZoomOut aria-hidden="true" className="size-4" />
              </IconButton>
              <Button
                size="small"
                icon={<Maximize2 aria-hidden="true" className="size-3.5" />}
                onClick={zoom.fit}
              >
                Fit
              </Button>
              <IconButton label="Zoom in" onClick={zoom.more}>
                <ZoomIn aria-hidden="true" className="size-4" />
              </IconButton>
            </>
          )}
          <Segmented
            label="Show as"
            value={show}
            options={[...SHOWS]}
            onChange={(value) =>
              void navigate({
                search: (before) => ({ ...before, show: value === "lanes" ? undefined : value }),
                replace: true,
                resetScroll: false,
              })
            }
          />
        </>
      }
    >
      <QueryPanel
        query={query}
        skeleton={<Skeleton lines={12} />}
        isEmpty={({ spans, future }) => spans.length === 0 && future.length === 0}
        whenEmpty={
          <Empty title="Nothing has begun yet">
            Each step of an agent, each check and each wait becomes a bar here as it happens.
          </Empty>
        }
      >
        {(timeline) => (
          <Shown timeline={timeline}>
            {(now) =>
              show === "table" ? (
                <SpanTable spans={timeline.spans} now={now} />
              ) : (
                <Lanes
                  timeline={timeline}
                  now={now}
                  zoom={zoom}
                  selected={selected}
                  onSelect={select}
                  onOpen={open}
                />
              )
            }
          </Shown>
        )}
      </QueryPanel>
    </Card>
  );
}

/** The timeline at this moment: what goes on grows with the clock, what is over asks for none. */
function Shown(props: { timeline: TaskTimeline; children: (now: number) => React.ReactNode }) {
  const { timeline, children } = props;
  const runs = timeline.spans.some((span) => span.ended_at == null);
  return (
    <>
      {timeline.left_out > 0 && (
        <p className="m-0 mb-2 text-[13px] text-muted">
          The newest {plural(timeline.spans.length, "span")} are shown;{" "}
          {plural(timeline.left_out, "older one")} {timeline.left_out === 1 ? "is" : "are"} left out.
        </p>
      )}
      {runs ? <Ticking>{children}</Ticking> : children(timeline.now)}
    </>
  );
}

function Ticking({ children }: { children: (now: number) => React.ReactNode }) {
  return children(useNow());
}
