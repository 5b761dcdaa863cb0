import { inert } from "@/lib/text";
import { cx } from "@/ui/cx";

/** Whether the name is that of the model which is none: rules in the service's own process. */
export function isOffline(model: string): boolean {
  return model.startsWith("offline/");
}

/** A model's name. The offline model says what it is; `short` leaves that to the hover text. */
export function ModelName({
  model,
  short,
  className,
}: {
  model: string;
  short?: boolean;
  className?: string;
}) {
  const offline = isOffline(model);
  const what = "rules in this service, not a language model";
  return (
    <span className={cx("break-words", className)} title={offline ? `${model}: ${what}` : model}>
      <code>{inert(model)}</code>
      {offline && !short && <span className="text-xs text-muted"> {what}</span>}
    </span>
  );
}
