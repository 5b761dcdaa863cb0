import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";

export interface Defaults {
  budget: number;
  iterations: number;
  directory: string | null;
  longest: number;
  offline: boolean | null;
}

/** What the service takes where nothing is said. Until it has answered, and if it does not, what it ships with. */
export function useDefaults(): Defaults {
  const { data: config } = useQuery(queries.config());
  const { data: health } = useQuery(queries.health());
  const setting = (name: string): unknown =>
    Array.isArray(config) ? config.find((each) => each.name.toLowerCase() === name)?.value : undefined;
  const number = (name: string, shipped: number): number => {
    const value = Number(setting(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : shipped;
  };
  const directory = setting("local_output_dir");
  return {
    budget: number("max_task_budget_usd", 0.5),
    iterations: number("max_iterations", 3),
    directory: typeof directory === "string" && directory !== "" ? directory : null,
    longest: number("max_task_description_length", 4000),
    offline: health?.offline ?? null,
  };
}
