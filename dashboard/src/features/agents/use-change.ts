import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys, queries } from "@/api/queries";
import type { AgentName, IdentityAnswer } from "@/api/types";
import { toast } from "@/ui/toast";

export interface RuleWish {
  ruleId: string;
  pinned?: boolean;
  disabled?: boolean;
  /** The version that was looked at. */
  version: number;
}

/** What a change answered is what is shown from then on; what follows from it is fetched. */
function useTaken(agent: AgentName) {
  const client = useQueryClient();
  return (given: IdentityAnswer, said: string) => {
    client.setQueryData(queries.rules(agent).queryKey, given.rules);
    client.setQueryData(queries.identity(agent).queryKey, given);
    void client.invalidateQueries({ queryKey: keys.agents });
    toast(said);
  };
}

export function useRuleChange(agent: AgentName) {
  const taken = useTaken(agent);
  return useMutation({
    mutationFn: ({ ruleId, version, ...change }: RuleWish) =>
      answer(
        api.PATCH("/agents/{agent}/rules/{rule_id}", {
          params: { path: { agent, rule_id: ruleId } },
          body: { ...change, expected_version: version },
        }),
      ),
    onSuccess: (given, wish) => taken(given, `${said(wish)}; now at version ${given.identity.version}`),
  });
}

export function said({ pinned, disabled }: RuleWish): string {
  if (pinned !== undefined) return pinned ? "The rule is pinned" : "The rule is no longer pinned";
  return disabled ? "The rule is disabled" : "The rule is told again";
}

export function useRollback(agent: AgentName) {
  const taken = useTaken(agent);
  return useMutation({
    mutationFn: ({ to, current }: { to: number; current: number }) =>
      answer(
        api.POST("/agents/{agent}/rollback", {
          params: { path: { agent } },
          body: { version: to, expected_version: current },
        }),
      ),
    onSuccess: (given, { to }) =>
      taken(given, `Version ${given.identity.version} was made from version ${to}`),
  });
}

export function useRuleAdd(agent: AgentName) {
  const taken = useTaken(agent);
  return useMutation({
    mutationFn: ({ text, why, version }: { text: string; why: string; version: number }) =>
      answer(
        api.POST("/agents/{agent}/rules", {
          params: { path: { agent } },
          body: { text, why, expected_version: version },
        }),
      ),
    onSuccess: (given) => taken(given, `The rule is added; now at version ${given.identity.version}`),
  });
}

export function useRuleDelete(agent: AgentName) {
  const taken = useTaken(agent);
  return useMutation({
    mutationFn: ({ ruleId, version }: { ruleId: string; version: number }) =>
      answer(
        api.DELETE("/agents/{agent}/rules/{rule_id}", {
          params: { path: { agent, rule_id: ruleId }, query: { expected_version: version } },
        }),
      ),
    onSuccess: (given) => taken(given, `The rule is deleted; now at version ${given.identity.version}`),
  });
}
