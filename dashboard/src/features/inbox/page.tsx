import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Inbox as InboxIcon } from "lucide-react";
import { queries } from "@/api/queries";
import type { InterruptKind, ListedInterrupt } from "@/api/types";
import { QuestionList } from "@/blocks/interrupt/list";
import { Button } from "@/ui/button";
import { PageHeader } from "@/ui/card";
import { Select } from "@/ui/form";
import { Segmented } from "@/ui/segmented";
import { Empty, QueryPanel, Skeleton } from "@/ui/states";
import { arranged, countByKind } from "./arranged";

const KINDS: { kind: InterruptKind; word: string }[] = [
  { kind: "approval", word: "Approvals" },
  { kind: "budget", word: "Budgets" },
  { kind: "escalation", word: "Escalations" },
];
/** So many answers are kept in sight; older ones stand in their tasks. */
const MOST_DECIDED = 200;

export default function InboxPage() {
  const { show = "pending", kind, sort } = useSearch({ from: "/inbox" });
  const navigate = useNavigate({ from: "/inbox" });
  const pending = useQuery(queries.waiting());
  const decided = useQuery({ ...queries.decided(MOST_DECIDED), enabled: show === "decided" });
  const query = show === "pending" ? pending : decided;
  const order = sort ?? (show === "pending" ? "oldest" : "newest");
  const change = (part: { show?: "decided"; kind?: InterruptKind; sort?: "oldest" | "newest" }) =>
    void navigate({ search: { show: show === "decided" ? show : undefined, kind, sort, ...part } });
  return (
    <>
      <PageHeader title="Inbox" note="What agents ask people. Each question is answered by itself." />
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <Segmented
          label="Which questions"
          value={show}
          options={[
            { value: "pending", label: `Waiting${pending.data ? ` (${pending.data.length})` : ""}` },
            { value: "decided", label: "Decided" },
          ]}
          onChange={(value) => change({ show: value === "decided" ? value : undefined, sort: undefined })}
        />
        <KindFilter questions={query.data ?? []} kind={kind} onChange={(next) => change({ kind: next })} />
        <Select
          label="Order"
          hideLabel
          className="!w-auto"
          value={order}
          onChange={(event) => change({ sort: event.target.value === "oldest" ? "oldest" : "newest" })}
        >
          <option value="oldest">Oldest first</option>
          <option value="newest">Newest first</option>
        </Select>
      </div>
      <QueryPanel
        query={query}
        skeleton={<Rows />}
        isEmpty={(questions) => arranged(questions, kind, order).length === 0}
        whenEmpty={<Nothing show={show} kind={kind} onAll={() => change({ kind: undefined })} />}
      >
        {(questions) => (
          <QuestionList
            key={show}
            questions={arranged(questions, kind, order)}
            label={show === "pending" ? "Questions that wait" : "Answered questions"}
            level={2}
            opening={show === "pending"}
          />
        )}
      </QueryPanel>
    </>
  );
}

function KindFilter({
  questions,
  kind,
  onChange,
}: {
  questions: ListedInterrupt[];
  kind: InterruptKind | undefined;
  onChange: (kind: InterruptKind | undefined) => void;
}) {
  const counts = countByKind(questions);
  return (
    <Select
      label="Kind"
      hideLabel
      className="!w-auto"
      value={kind ?? ""}
      onChange={(event) => onChange(KINDS.find((each) => each.kind === event.target.value)?.kind)}
    >
      <option value="">All kinds</option>
      {KINDS.map((each) => (
        <option key={each.kind} value={each.kind}>
          {each.word} ({counts[each.kind] ?? 0})
        </option>
      ))}
    </Select>
  );
}

function Rows() {
  return (
    <div className="flex flex-col gap-2">
      {["a", "b", "c"].map((row) => (
        <Skeleton key={row} lines={2} className="rounded-lg border border-line bg-surface p-4" />
      ))}
    </div>
  );
}

function Nothing({ show, kind, onAll }: { show: string; kind?: InterruptKind; onAll: () => void }) {
  const icon = <InboxIcon aria-hidden="true" className="size-6" />;
  if (kind !== undefined) {
    return (
      <Empty title="None of this kind" icon={icon} action={<Button onClick={onAll}>Show all kinds</Button>} />
    );
  }
  return show === "pending" ? (
    <Empty title="Nothing waits for you" icon={icon}>
      Before work leaves this machine, when a budget is reached, or when agents cannot go on, they ask here.
    </Empty>
  ) : (
    <Empty title="Nothing was decided yet" icon={icon}>
      Answers stand here with who gave them, and through which channel.
    </Empty>
  );
}
