import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Stethoscope } from "lucide-react";
import { answer, api, slowly } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { PartCheck } from "@/api/types";
import { OnlyAdmins } from "@/blocks/role";
import { duration } from "@/lib/format";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { ErrorPanel } from "@/ui/states";
import { Table } from "@/ui/table";
import { StateBadge } from "./state-badge";
import { useRole } from "./use-caller";

const NAMES: Record<PartCheck["part"], string> = {
  storage: "Storage",
  sandbox: "Sandbox",
  code_host: "Code host",
  telegram: "Telegram",
  models: "Models",
  e2b: "E2B",
  identities: "Firestore",
  analytics: "BigQuery",
};
const STATES = {
  ok: { state: "ok", word: "Works" },
  failed: { state: "bad", word: "Failed" },
  skipped: { state: "off", word: "Not set up" },
} as const;

/** Every part tried for real, when somebody asks for it. */
export function Parts() {
  const client = useQueryClient();
  const role = useRole();
  const test = useMutation({
    mutationFn: () => answer(api.POST("/health/check", { fetch: slowly })),
    onSettled: () => client.invalidateQueries({ queryKey: ["health"] }),
  });
  const locked = role !== undefined && role !== "admin";
  return (
    <Card
      title="Parts"
      actions={
        <Button
          disabled={locked}
          busy={test.isPending}
          icon={<Stethoscope aria-hidden="true" className="size-4" />}
          onClick={() => test.mutate()}
        >
          Test all parts
        </Button>
      }
    >
      <div role="status">
        {locked && <OnlyAdmins what="Testing the parts" role={role} />}
        {test.error && <ErrorPanel problem={asProblem(test.error)} onRetry={() => test.mutate()} />}
        {test.data ? (
          <Results parts={test.data.parts} />
        ) : (
          <p className="m-0 max-w-prose text-muted">
            {test.isPending
              ? "Each part is being tried …"
              : "Writes and reads a file and a row, runs a program in the sandbox, signs in to the code host and the chat, and sees whether every model has its key. No model is asked."}
          </p>
        )}
      </div>
    </Card>
  );
}

function Results({ parts }: { parts: PartCheck[] }) {
  return (
    <div className="-m-4 [&_:is(td,th):first-child]:pl-4 max-sm:[&_:is(td,th):is(:nth-child(2),:nth-child(4))]:hidden">
      <Table label="Results of the test" head={["Part", "Result", "What was found", "Took"]}>
        {parts.map((part) => {
          const { state, word } = STATES[part.status];
          return (
            <tr key={part.part}>
              <td className="font-medium whitespace-nowrap">
                {NAMES[part.part] ?? inert(part.part)}
                <div className="mt-1 sm:hidden">
                  <StateBadge state={state}>{word}</StateBadge>
                </div>
              </td>
              <td>
                <StateBadge state={state}>{word}</StateBadge>
              </td>
              <td className="w-full min-w-40 [overflow-wrap:anywhere]">
                {inert(part.detail)}
                {part.fix && (
                  <div className="text-muted">
                    {part.status === "skipped" ? "To set it up" : "To mend it"}: {inert(part.fix)}
                  </div>
                )}
              </td>
              <td className="whitespace-nowrap tabular-nums">{duration(part.seconds)}</td>
            </tr>
          );
        })}
      </Table>
    </div>
  );
}
