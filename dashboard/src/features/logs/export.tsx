import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { download } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { LogFilters } from "@/api/queries";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";
import { asQuery, isFiltered } from "./filters";

/** All calls that the filters let through, as a file of one JSON document a line. */
export function ExportButton({ filters }: { filters: LogFilters }) {
  const save = useMutation({
    mutationFn: () => download("/logs/export", "calls.jsonl", asQuery(filters)),
    onSuccess: () => toast("calls.jsonl was saved"),
    onError: (error) => toast(`Not exported: ${asProblem(error).message}`, { bad: true }),
  });
  return (
    <Button
      busy={save.isPending}
      icon={<Download aria-hidden="true" className="size-4" />}
      title="One JSON document a line, with prompts and answers"
      onClick={() => save.mutate()}
    >
      {isFiltered(filters) ? "Export these" : "Export all"} (JSONL)
    </Button>
  );
}
