import { useMutation } from "@tanstack/react-query";
import { MessageCircleQuestion } from "lucide-react";
import { useState } from "react";
import { answer, api, slowly } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { ModelFacts } from "@/api/types";
import { isOffline, ModelName } from "@/blocks/model";
import { OnlyAdmins } from "@/blocks/role";
import { duration, plural, usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/dialog";
import { ErrorPanel } from "@/ui/states";
import { Table } from "@/ui/table";
import { StateBadge } from "./state-badge";
import { useRole } from "./use-caller";

/** Each model asked for one word, after a yes to what that may cost. */
export function ModelChecks({ models }: { models: readonly ModelFacts[] }) {
  const role = useRole();
  const [asked, setAsked] = useState(false);
  const check = useMutation({ mutationFn: () => answer(api.POST("/models/check", { fetch: slowly })) });
  const locked = role !== undefined && role !== "admin";
  const paid = models.filter(({ model }) => !isOffline(model));
  return (
    <Card
      title="Do they answer?"
      actions={
        <Button
          disabled={locked}
          busy={check.isPending}
          icon={<MessageCircleQuestion aria-hidden="true" className="size-4" />}
          onClick={() => setAsked(true)}
        >
          Ask each for one word
        </Button>
      }
    >
      <div role="status">
        {locked && <OnlyAdmins what="Asking the models" role={role} />}
        {check.error && <ErrorPanel problem={asProblem(check.error)} onRetry={() => setAsked(true)} />}
        {check.data ? (
          <>
            <Answers checks={check.data.checks} />
            <p className="mt-3 mb-0 text-xs text-muted">
              All together cost {usd(check.data.cost_usd)}; they could not have cost more than{" "}
              {usd(check.data.cap_usd)}.
            </p>
          </>
        ) : (
          <p className="m-0 text-muted">
            {check.isPending
              ? "Each model is being asked …"
              : "Shows whether every model answers with the key that it has."}
          </p>
        )}
      </div>
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title={`Ask ${plural(models.length, "model")} for one word?`}
        action={paid.length === 0 ? "Ask" : "Ask, and pay for it"}
        onConfirm={() => {
          setAsked(false);
          check.mutate();
        }}
      >
        {paid.length === 0
          ? "The offline model is the only one: nothing leaves this machine and nothing is paid."
          : `Each is sent a few words. That costs what ${plural(paid.length, "provider's model", "providers' models")} charge for it, a fraction of a cent as a rule; the service holds the sum below a small cap.`}
      </Confirm>
    </Card>
  );
}

interface Check {
  model: string;
  ok: boolean;
  detail: string;
  cost_usd?: number;
  seconds?: number;
}

function Answers({ checks }: { checks: readonly Check[] }) {
  return (
    <div className="-mx-4 -mt-4 [&_:is(td,th):first-child]:pl-4">
      <Table label="What the models answered" head={["Model", "Result", "What came", "Cost", "Took"]}>
        {checks.map((check) => (
          <tr key={check.model}>
            <td className="whitespace-nowrap">
              <ModelName model={check.model} short />
            </td>
            <td>
              <StateBadge state={check.ok ? "ok" : "bad"}>{check.ok ? "Answers" : "Failed"}</StateBadge>
            </td>
            <td className="w-full min-w-56 break-words">{inert(check.detail)}</td>
            <td className="tabular-nums">{usd(check.cost_usd ?? 0)}</td>
            <td className="whitespace-nowrap tabular-nums">{duration(check.seconds ?? 0)}</td>
          </tr>
        ))}
      </Table>
    </div>
  );
}
