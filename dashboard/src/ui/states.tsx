/** What a panel shows while it has nothing to show: loading, empty, an error with a way on. */

import type { UseQueryResult } from "@tanstack/react-query";
import { CircleAlert, KeyRound, RefreshCw } from "lucide-react";
import { Component, type ReactNode } from "react";
import { setApiKey } from "@/api/key";
import { asProblem, Problem } from "@/api/problem";
import { Button } from "./button";
import { cx } from "./cx";

/** Grey bars in the place of text that is on its way. `lines` keeps the room that it will take. */
export function Skeleton({ lines = 3, className }: { lines?: number; className?: string }) {
  return (
    <div role="status" aria-label="loading" className={cx("flex flex-col gap-2.5", className)}>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
        <div key={line} className="skeleton h-4" style={{ width: `${94 - ((line * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

/** What would be here, and the one thing to do about it. */
export function Empty({
  title,
  children,
  action,
  icon,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-8 text-center text-muted">
      {icon}
      <div className="font-medium text-text">{title}</div>
      {children && <div className="max-w-prose">{children}</div>}
      {action}
    </div>
  );
}

export function ErrorPanel({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  if (problem.status === 401) {
    return (
      <Empty
        title="A key is needed to see this"
        icon={<KeyRound aria-hidden="true" />}
        action={<Button onClick={() => setApiKey(null)}>Enter a key</Button>}
      />
    );
  }
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-2 rounded-md border border-bad bg-bad-soft p-3 text-bad"
    >
      <div className="flex items-center gap-2 font-medium">
        <CircleAlert aria-hidden="true" className="size-4 shrink-0" />
        {problem.title || "Error"}
        {problem.status > 0 && <span className="font-normal">({problem.status})</span>}
      </div>
      <div className="break-words text-text">{problem.message}</div>
      {problem.requestId && <div className="text-xs text-muted">request {problem.requestId}</div>}
      {onRetry && (
        <Button size="small" icon={<RefreshCw aria-hidden="true" className="size-3.5" />} onClick={onRetry}>
          Retry
        </Button>
      )}
    </div>
  );
}

interface PanelProps<T> {
  query: Pick<UseQueryResult<T>, "data" | "error" | "isPending" | "refetch">;
  skeleton?: ReactNode;
  /** When this holds of the data, `whenEmpty` is shown in its place. */
  isEmpty?: (data: T) => boolean;
  whenEmpty?: ReactNode;
  children: (data: T) => ReactNode;
}

/** An answer in all its states. Data that was there stays while it is fetched again, and when that fails says so above. */
export function QueryPanel<T>({ query, skeleton, isEmpty, whenEmpty, children }: PanelProps<T>) {
  const { data, error } = query;
  if (data === undefined) {
    if (error) return <ErrorPanel problem={asProblem(error)} onRetry={() => void query.refetch()} />;
    return skeleton ?? <Skeleton />;
  }
  return (
    <PanelBoundary>
      {error && <ErrorPanel problem={asProblem(error)} onRetry={() => void query.refetch()} />}
      {whenEmpty !== undefined && isEmpty?.(data) ? whenEmpty : children(data)}
    </PanelBoundary>
  );
}

/** What broke while it was drawn says nothing about the network, whatever its type. */
const brokenHere = (error: Error) => new Problem(0, "Error in this page", error.message);

/** A part of the page that breaks leaves the rest as it is. */
export class PanelBoundary extends Component<{ children: ReactNode }, { broken: Error | null }> {
  override state: { broken: Error | null } = { broken: null };

  static getDerivedStateFromError(broken: Error) {
    return { broken };
  }

  override render() {
    if (this.state.broken === null) return this.props.children;
    return (
      <ErrorPanel problem={brokenHere(this.state.broken)} onRetry={() => this.setState({ broken: null })} />
    );
  }
}
