import { ArrowDown, Hourglass } from "lucide-react";
import { useEffect, useState } from "react";
import type { ListedInterrupt } from "@/api/types";
import { InterruptPanel } from "@/blocks/interrupt";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { PanelBoundary } from "@/ui/states";
import { VIEWS_ID } from "./tabs";

const ID = "questions";

export default function QuestionsOfTask({ questions }: { questions: ListedInterrupt[] }) {
  return (
    <>
      <QuestionStrip count={questions.length} />
      <Questions questions={questions} />
    </>
  );
}

/** What the task asks. Beside the views on wide screens, where it stays in sight, and its answers with it. */
function Questions({ questions }: { questions: ListedInterrupt[] }) {
  return (
    <section
      id={ID}
      aria-label="Questions of this task"
      tabIndex={-1}
      data-aside=""
      className="group/questions flex min-w-0 scroll-mt-16 flex-col gap-3 focus:outline-none xl:sticky xl:top-16 xl:col-start-2 xl:row-start-1 xl:max-h-[calc(100dvh-11rem)] xl:overflow-y-auto"
    >
      <Button
        kind="ghost"
        size="small"
        icon={<ArrowDown aria-hidden="true" className="size-3.5" />}
        className="self-start xl:hidden"
        onClick={() => document.getElementById(VIEWS_ID)?.scrollIntoView()}
      >
        To conversation, files and tests
      </Button>
      {questions.map((interrupt, index) => (
        <PanelBoundary key={interrupt.interrupt_id}>
          <InterruptPanel interrupt={interrupt} shortcuts={index === 0} />
        </PanelBoundary>
      ))}
    </section>
  );
}

/** On narrow screens, while the questions are scrolled out of sight: that they are there, and the way to them. */
function QuestionStrip({ count }: { count: number }) {
  const [away, setAway] = useState(false);
  useEffect(() => {
    const element = document.getElementById(ID);
    if (!element || typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver(([entry]) => setAway(entry?.isIntersecting === false));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  if (!away) return null;
  const show = () => {
    const element = document.getElementById(ID);
    element?.scrollIntoView();
    element?.focus({ preventScroll: true });
  };
  return (
    <div className="fixed inset-x-0 bottom-0 z-20 flex items-center justify-between gap-2 border-t border-line bg-warn-soft px-4 py-1.5 text-warn xl:hidden">
      <span className="flex items-center gap-2 font-medium">
        <Hourglass aria-hidden="true" className="size-4" />
        {plural(count, "question")} {count === 1 ? "waits" : "wait"} for you
      </span>
      <Button onClick={show}>Show</Button>
    </div>
  );
}
