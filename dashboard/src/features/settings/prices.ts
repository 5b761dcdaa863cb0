import type { ModelFacts } from "@/api/types";

type Price = NonNullable<ModelFacts["price"]>;

/** `$3 in, $15 out`: what a million tokens cost. */
export function priceWords(price: Price | null): string {
  if (price === null) return "unknown";
  const { input, output, per_call = 0, long } = price;
  if (input === 0 && output === 0 && per_call === 0 && long == null) return "free";
  const parts = [`$${input} in, $${output} out`];
  if (per_call > 0) parts.push(`$${per_call} a call`);
  if (long != null)
    parts.push(`from ${long.tokens.toLocaleString("en")} tokens $${long.input} in, $${long.output} out`);
  return parts.join("; ");
}
