import { Link } from "@tanstack/react-router";
import { TIMEOUT_MS } from "@/api/client";
import type { Problem } from "@/api/problem";
import { buttonClass } from "@/ui/button";
import { Empty, ErrorPanel } from "@/ui/states";
import { toast } from "@/ui/toast";

export function NotFound() {
  return (
    <Empty
      title="There is no such page"
      action={
        <Link to="/" className={buttonClass("primary")}>
          Overview
        </Link>
      }
    >
      The address may be mistyped, or be of another release.
    </Empty>
  );
}

/** With the service away the page stays as it is: the browser's own error page would take its place. */
async function reload(): Promise<void> {
  await fetch("/health", { signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
    () => location.reload(),
    () => toast("The service cannot be reached", { bad: true }),
  );
}

/** A screen that could not be loaded: often a new release replaced its files. */
export function ScreenError({ problem }: { problem: Problem }) {
  return (
    <div className="p-4">
      <ErrorPanel problem={problem} onRetry={() => void reload()} />
    </div>
  );
}
