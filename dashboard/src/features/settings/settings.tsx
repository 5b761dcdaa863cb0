import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { queries } from "@/api/queries";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Switch } from "@/ui/form";
import { SearchField } from "@/ui/search-field";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { Table } from "@/ui/table";
import { grouped, isAbsent, matching, type Setting, SOURCES, valueWords } from "./setting-values";

/** Every setting as it is in effect. They are changed in the environment or the .env file, not here. */
export function SettingsTab() {
  const query = useQuery(queries.config());
  const [words, setWords] = useState("");
  const [changed, setChanged] = useState(false);
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-x-6 gap-y-3">
        <SearchField label="Filter settings" does="Filter the settings" value={words} onChange={setWords} />
        <Switch label="Only those that were set" checked={changed} onChange={setChanged} />
      </div>
      <p className="mt-0 mb-3 text-muted">
        Settings are read from the environment and the .env file when the service starts. Secrets are never
        shown.
      </p>
      <QueryPanel query={query} skeleton={<Skeleton lines={12} />}>
        {(settings) => {
          const found = matching(settings, words, changed);
          return (
            <div className="flex flex-col gap-4">
              <div role="status" className="sr-only">
                {plural(found.length, "setting")}
              </div>
              {found.length === 0 && (
                <Empty
                  title="No setting matches"
                  action={
                    <Button
                      onClick={() => {
                        setWords("");
                        setChanged(false);
                      }}
                    >
                      Show all
                    </Button>
                  }
                />
              )}
              {grouped(found).map(([group, members]) => (
                <Group key={group} group={group} settings={members} />
              ))}
            </div>
          );
        }}
      </QueryPanel>
    </>
  );
}

function Group({ group, settings }: { group: string; settings: Setting[] }) {
  return (
    <Card title={group}>
      <div className="-mx-4 -my-4 [&_:is(td,th):first-child]:pl-4 max-sm:[&_:is(td,th):nth-child(3)]:hidden">
        <Table label={group} head={["Setting", "Value", "From"]}>
          {settings.map((setting) => (
            <Row key={setting.name} setting={setting} />
          ))}
        </Table>
      </div>
    </Card>
  );
}

function Row({ setting }: { setting: Setting }) {
  const absent = isAbsent(setting);
  const source = (
    <Badge tone={setting.source === "default" ? "neutral" : "info"}>{SOURCES[setting.source]}</Badge>
  );
  return (
    <tr>
      <td className="w-1/2 sm:min-w-60">
        <code className="break-all">{setting.name}</code>
        {setting.description && <div className="text-xs text-muted">{inert(setting.description)}</div>}
      </td>
      <td className="min-w-28 break-words">
        <span className={absent ? "text-muted" : "break-all"}>
          {setting.secret && <KeyRound aria-hidden="true" className="mr-1 inline size-3.5 align-[-2px]" />}
          {valueWords(setting)}
        </span>
        <div className="mt-1 sm:hidden">{source}</div>
      </td>
      <td className="w-28">{source}</td>
    </tr>
  );
}
