/** Any number of questions: rows of which those that are open show everything. Each is decided by itself. */

import { ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { ListedInterrupt } from "@/api/types";
import { useShortcut } from "@/lib/shortcuts";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { PanelBoundary } from "@/ui/states";
import { QuestionLine } from "./heading";
import { InterruptBody } from "./index";
import { follow, NONE_SEEN, nextOf, toggled } from "./open-ones";

interface ListProps {
  questions: ListedInterrupt[];
  label: string;
  /** The level of the rows' headings. */
  level: 2 | 3;
  /** Whether the first one is open when the list comes. */
  opening?: boolean;
  compact?: boolean;
}

const AT_ONCE = 100;

export function QuestionList({ questions, label, level, opening = true, compact }: ListProps) {
  const [most, setMost] = useState(AT_ONCE);
  const shown = questions.slice(0, most);
  const ids = shown.map((each) => each.interrupt_id);
  const [kept, setKept] = useState(opening ? NONE_SEEN : { seen: ids, open: new Set<string>() });
  const state = follow(kept, ids);
  if (state !== kept) setKept(state);
  const list = useRef<HTMLUListElement>(null);
  useFocusAfter(list, state.open);

  const jump = () => {
    const row = document.activeElement?.closest<HTMLElement>("[data-question]");
    const next = nextOf(ids, row?.dataset.question ?? null);
    if (next === null) return;
    setKept({ ...state, open: new Set(state.open).add(next) });
    headerOf(list.current, next)?.focus();
    headerOf(list.current, next)?.scrollIntoView({ block: "nearest" });
  };
  useShortcut("u", "Go to the next question", jump, ids.length > 0);

  return (
    <>
      <ul ref={list} aria-label={label} className="m-0 flex list-none flex-col gap-2 p-0">
        {shown.map((question) => (
          <Row
            key={question.interrupt_id}
            question={question}
            level={level}
            compact={compact}
            open={state.open.has(question.interrupt_id)}
            only={state.open.size === 1}
            onToggle={() => setKept(toggled(state, question.interrupt_id))}
          />
        ))}
      </ul>
      {questions.length > shown.length && (
        <Button className="mt-2" onClick={() => setMost(most + AT_ONCE)}>
          Show more ({questions.length - shown.length} left)
        </Button>
      )}
    </>
  );
}

function headerOf(list: HTMLElement | null, id: string): HTMLElement | null {
  return list?.querySelector<HTMLElement>(`[data-question="${CSS.escape(id)}"] button`) ?? null;
}

/** A card that goes away takes the focus with it: then the next one that opened gets it. */
function useFocusAfter(list: React.RefObject<HTMLElement | null>, open: ReadonlySet<string>): void {
  const before = useRef(open);
  const inside = useRef(false);
  useEffect(() => {
    const note = () => {
      if (document.activeElement !== document.body) {
        inside.current = list.current?.contains(document.activeElement) ?? false;
      }
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, [list]);
  useEffect(() => {
    const [next] = [...open].filter((id) => !before.current.has(id));
    const lost = document.activeElement === document.body && inside.current;
    before.current = open;
    if (next !== undefined && lost) headerOf(list.current, next)?.focus({ preventScroll: true });
  }, [list, open]);
}

interface RowProps {
  question: ListedInterrupt;
  level: 2 | 3;
  compact?: boolean;
  open: boolean;
  only: boolean;
  onToggle: () => void;
}

function Row({ question, level, compact, open, only, onToggle }: RowProps) {
  const Heading = `h${level}` as const;
  const [within, setWithin] = useState(false);
  return (
    <li
      data-question={question.interrupt_id}
      onFocus={() => setWithin(true)}
      onBlur={(event) => setWithin(event.currentTarget.contains(event.relatedTarget))}
      className="min-w-0 scroll-mt-16 rounded-lg border border-line bg-surface shadow-card"
    >
      <Heading className="m-0 text-sm">
        <button
          type="button"
          aria-expanded={open}
          onClick={onToggle}
          className="flex min-h-11 w-full items-start gap-2 rounded-lg border-0 bg-transparent px-3 py-2.5 text-left hover:bg-sunken"
        >
          <ChevronRight
            aria-hidden="true"
            className={cx("mt-0.5 size-4 shrink-0 text-muted transition-transform", open && "rotate-90")}
          />
          <QuestionLine question={question} brief={!open} />
        </button>
      </Heading>
      {open && (
        <div className="border-t border-line p-4">
          <PanelBoundary>
            <InterruptBody
              interrupt={question}
              compact={compact}
              shortcuts={only || within}
              level={level === 2 ? 3 : 4}
              link
            />
          </PanelBoundary>
        </div>
      )}
    </li>
  );
}
