import { useQuery } from "@tanstack/react-query";
import { queries } from "@/api/queries";
import type { Role } from "@/api/types";

/** The role of this browser's key; undefined until it is known. */
export function useRole(): Role | undefined {
  const { data } = useQuery(queries.whoami());
  return data && (data.role ?? "admin");
}
