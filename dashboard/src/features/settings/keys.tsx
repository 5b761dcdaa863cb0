import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { keys, queries } from "@/api/queries";
import type { ApiKey, NewKey } from "@/api/types";
import { OnlyAdmins } from "@/blocks/role";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { Table } from "@/ui/table";
import { CreateKey } from "./key-create";
import { RevokeKey } from "./key-revoke";
import { KeyRow } from "./key-row";
import { KeySecret } from "./key-secret";
import { useRole } from "./use-caller";

/** Who may use the service. */
export function KeysTab() {
  const role = useRole();
  if (role !== undefined && role !== "admin") return <OnlyAdmins what="Looking at keys" role={role} />;
  return role === undefined ? <Skeleton lines={6} /> : <Keys />;
}

function Keys() {
  const client = useQueryClient();
  const query = useQuery(queries.apiKeys());
  const { data: caller } = useQuery(queries.whoami());
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<NewKey | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const first = query.data !== undefined && query.data.length === 0;
  const make = (
    <Button
      kind={first ? "primary" : "secondary"}
      icon={<Plus aria-hidden="true" className="size-4" />}
      onClick={() => setCreating(true)}
    >
      New key
    </Button>
  );
  return (
    <Card title="Keys" actions={first ? undefined : make}>
      <QueryPanel
        query={query}
        skeleton={<Skeleton lines={5} className="min-h-40" />}
        isEmpty={(list) => list.length === 0}
        whenEmpty={
          <Empty title="There are no keys" icon={<KeyRound aria-hidden="true" />} action={make}>
            With keys each person or program has a name, a role and limits of its own, and the audit says who
            did what. The first one has to be an admin's; from then on nobody comes in without a key.
          </Empty>
        }
      >
        {(list) => (
          <div className="-mx-4 -my-4 [&_:is(td,th):first-child]:pl-4">
            <Table
              label="Keys"
              head={[
                "Name",
                "Role",
                "State",
                "Limits",
                "Made",
                <span key="act" className="sr-only">
                  Actions
                </span>,
              ]}
            >
              {list.map((key) => (
                <KeyRow
                  key={key.key_id}
                  apiKey={key}
                  own={key.key_id === caller?.key_id}
                  onRevoke={() => setRevoking(key)}
                />
              ))}
            </Table>
          </div>
        )}
      </QueryPanel>
      {creating && (
        <CreateKey
          first={first}
          onClose={() => setCreating(false)}
          onMade={(key) => {
            setCreating(false);
            setMade(key);
          }}
        />
      )}
      {made && (
        <KeySecret
          made={made}
          first={first}
          onClose={() => {
            setMade(null);
            void client.invalidateQueries({ queryKey: keys.apiKeys });
          }}
        />
      )}
      {revoking && (
        <RevokeKey
          apiKey={revoking}
          own={revoking.key_id === caller?.key_id}
          onClose={() => setRevoking(null)}
        />
      )}
    </Card>
  );
}
