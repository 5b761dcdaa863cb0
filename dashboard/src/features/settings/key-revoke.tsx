import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { asProblem } from "@/api/problem";
import { keys } from "@/api/queries";
import type { ApiKey } from "@/api/types";
import { inert } from "@/lib/text";
import { Confirm } from "@/ui/dialog";
import { ErrorPanel } from "@/ui/states";
import { toast } from "@/ui/toast";

interface Props {
  apiKey: ApiKey;
  own: boolean;
  onClose: () => void;
}

/** Asks before a key stops opening anything. */
export function RevokeKey({ apiKey, own, onClose }: Props) {
  const client = useQueryClient();
  const name = inert(apiKey.name);
  const revoke = useMutation({
    mutationFn: () => answer(api.DELETE("/keys/{key_id}", { params: { path: { key_id: apiKey.key_id } } })),
    onSuccess: () => {
      toast(`The key of ${name} is revoked`);
      void client.invalidateQueries({ queryKey: keys.apiKeys });
      onClose();
    },
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Revoke the key of ${name}?`}
      action="Revoke"
      danger
      busy={revoke.isPending}
      onConfirm={() => revoke.mutate()}
    >
      <p className="mt-0">
        From then on it opens nothing. That cannot be undone; its name stays in the audit.
        {own && " It is the key that this browser uses: you will be asked for another one."}
      </p>
      {revoke.error && <ErrorPanel problem={asProblem(revoke.error)} />}
    </Confirm>
  );
}
