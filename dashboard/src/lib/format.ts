/** Numbers, money and times as people read them. */

/** `$0.0312` below a dollar, `$1.50` from there and where it is whole cents; free calls read `$0`. */
export function usd(amount: number): string {
  if (amount === 0) return "$0";
  if (amount === Number(amount.toFixed(2))) return `$${amount.toFixed(2)}`;
  return amount < 1 ? `$${amount.toFixed(4)}` : `$${amount.toFixed(2)}`;
}

/** `950`, `12.3k`, `4.1M`. */
export function short(count: number): string {
  if (count < 1000) return String(count);
  if (count < 1_000_000) return `${trim(count / 1000)}k`;
  return `${trim(count / 1_000_000)}M`;
}

function trim(value: number): string {
  return value < 100 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value));
}

/** `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`, `4 d 3 h`. */
export function duration(seconds: number): string {
  if (seconds < 0) return "0 s";
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, "")} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [minutes, hours, days] = [
    Math.floor(whole / 60),
    Math.floor(whole / 3600),
    Math.floor(whole / 86400),
  ];
  if (whole < 3600) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  if (whole < 86400) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${days} d ${hours % 24} h`;
}

/** `just now`, `4 min ago`, `in 2 h`. */
export function ago(ts: number, now: number): string {
  const passed = now - ts;
  const size = Math.abs(passed);
  if (size < 10) return "just now";
  const [amount, unit] =
    size < 60
      ? [size, "s"]
      : size < 3600
        ? [size / 60, "min"]
        : size < 86400
          ? [size / 3600, "h"]
          : [size / 86400, "d"];
  const text = `${Math.floor(amount)} ${unit}`;
  return passed >= 0 ? `${text} ago` : `in ${text}`;
}

/** `2026-11-27 07:30:12`, in the reader's own time. */
export function absolute(ts: number): string {
  const date = new Date(ts * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `72 %`; a dash where there is nothing to divide by. */
export function percent(part: number, whole = 1): string {
  return whole === 0 ? "–" : `${Math.round((100 * part) / whole)} %`;
}

/** As `percent`, but `100 %` only where it is all and `0 %` only where it is none. */
export function rate(part: number, whole: number): string {
  if (whole === 0) return "–";
  const rounded = Math.round((100 * part) / whole);
  if (part < whole) return rounded === 0 && part > 0 ? "< 1 %" : `${Math.min(rounded, 99)} %`;
  return "100 %";
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

const NAMES: Record<string, string> = { qa: "QA", devops: "DevOps" };

/** `backend_agent` as people say it. */
export function agentTitle(agent: string): string {
  const words = agent.replace(/_agent$/, "").replaceAll("_", " ");
  return NAMES[words] ?? words.charAt(0).toUpperCase() + words.slice(1);
}
