import { useState } from "react";
import type { Interaction } from "@/api/types";
import { plural } from "@/lib/format";
import { inert } from "@/lib/text";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Disclosure } from "@/ui/disclosure";

const FIRST = 6_000;
/** More than so much is never put into the page: what is beyond it can be copied. */
const MOST = 400_000;

/** The beginning of a text that may be long; all of it on request. */
export function LongText({ text, label }: { text: string; label: string }) {
  const [all, setAll] = useState(false);
  const shown = text.slice(0, all ? MOST : FIRST);
  const left = text.length - shown.length;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section aria-label={label} tabIndex={0} className="max-h-[60dvh] overflow-auto rounded bg-sunken">
        <pre className="m-0 p-3 text-[13px] break-words whitespace-pre-wrap">{inert(shown)}</pre>
      </section>
      {left > 0 && (
        <div className="mt-1 flex items-center gap-3 text-xs text-muted">
          {plural(left, "character")} more
          {all ? (
            ": copy it to see them"
          ) : (
            <Button size="small" onClick={() => setAll(true)}>
              Show all
            </Button>
          )}
        </div>
      )}
    </>
  );
}

const ROLES = { system: "System", user: "User", assistant: "Assistant" } as const;

/** What was asked, message by message; the last one is open. */
export function Messages({ messages }: { messages: Interaction["messages"] }) {
  return (
    <section>
      <h3 className="m-0 mb-1 text-sm font-semibold">Prompt ({plural(messages.length, "message")})</h3>
      <div className="flex flex-col gap-2">
        {messages.map((message, index) => (
          <MessageText
            // biome-ignore lint/suspicious/noArrayIndexKey: a call that has ended does not change
            key={index}
            message={message}
            first={index === messages.length - 1}
          />
        ))}
      </div>
    </section>
  );
}

function MessageText({ message, first }: { message: Interaction["messages"][number]; first: boolean }) {
  const [open, setOpen] = useState(first);
  const role = ROLES[message.role];
  return (
    <Disclosure
      controlled={{ open, onToggle: setOpen }}
      className="rounded border border-line px-3 py-1"
      summary={
        <>
          <span className="font-medium">{role}</span>
          <span className="text-xs text-muted">{plural(message.content.length, "character")}</span>
        </>
      }
    >
      <div className="pb-2">
        <LongText text={message.content} label={`${role} message`} />
        <div className="mt-1">
          <CopyButton label="Copy" text={message.content} />
        </div>
      </div>
    </Disclosure>
  );
}
