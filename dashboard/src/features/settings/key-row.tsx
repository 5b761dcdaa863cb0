import type { ApiKey } from "@/api/types";
import { useNow } from "@/lib/clock";
import { inert } from "@/lib/text";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Ago } from "@/ui/time";
import { keyState, limitWords } from "./key-state";
import { StateBadge } from "./state-badge";

export function KeyRow({ apiKey, own, onRevoke }: { apiKey: ApiKey; own: boolean; onRevoke: () => void }) {
  const { name, role, created_at, created_by, expires_at, revoked_at } = apiKey;
  const state = keyState(apiKey, useNow());
  return (
    <tr>
      <td className="min-w-32">
        <span className="font-medium">{inert(name)}</span>
        {own && <span className="text-muted"> (yours)</span>}
        <div className="font-mono text-xs text-muted">{apiKey.key_id}</div>
      </td>
      <td>
        <Badge>{role}</Badge>
      </td>
      <td className="whitespace-nowrap">
        {state === "active" && <StateBadge state="ok">Active</StateBadge>}
        {state === "expired" && <StateBadge state="off">Expired</StateBadge>}
        {state === "revoked" && <StateBadge state="off">Revoked</StateBadge>}
        <div className="text-xs text-muted">
          {revoked_at != null ? (
            <Ago ts={revoked_at} />
          ) : expires_at != null ? (
            <>
              {state === "active" ? "expires " : ""}
              <Ago ts={expires_at} />
            </>
          ) : null}
        </div>
      </td>
      <td className="min-w-40">{limitWords(apiKey.limits)}</td>
      <td className="whitespace-nowrap text-muted">
        <Ago ts={created_at} />
        {created_by && <> by {inert(created_by)}</>}
      </td>
      <td className="text-right">
        {state === "active" && (
          <Button size="small" kind="danger" onClick={onRevoke}>
            Revoke
            <span className="sr-only"> {inert(name)}</span>
          </Button>
        )}
      </td>
    </tr>
  );
}
