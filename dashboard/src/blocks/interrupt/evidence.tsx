/** What speaks for the work, beside what happens with it. */

import { CircleDollarSign } from "lucide-react";
import type { Interrupt } from "@/api/types";
import { CostMeter } from "@/blocks/cost";
import { roundTitle } from "@/blocks/rounds";
import { agentTitle, plural, usd } from "@/lib/format";
import { inert } from "@/lib/text";
import { Checks, Coverage, Review } from "./checks";
import { DemoPart } from "./demo";
import { Findings } from "./findings";
import { More, Part } from "./part";
import type { Evidence } from "./payload";
import { SinceLast } from "./since";
import { WhatHappens } from "./what-happens";

export function EvidenceView({ question, evidence }: { question: Interrupt; evidence: Evidence }) {
  return (
    <div className="grid min-w-0 gap-4 @2xl:grid-cols-2 @2xl:gap-x-8">
      <div className="flex min-w-0 flex-col gap-4">
        {evidence.summary && <p className="m-0 break-words">{inert(evidence.summary)}</p>}
        <SinceLast question={question} evidence={evidence} />
        <WhatHappens evidence={evidence} taskId={question.task_id} open={question.status === "pending"} />
        <DemoPart
          taskId={question.task_id}
          demo={evidence.demo}
          demoProblem={evidence.demoProblem}
          startable={
            question.status === "pending" && evidence.checks.some((check) => check.status !== "not executed")
          }
        />
        <Scope evidence={evidence} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Checks checks={evidence.checks} />
        <Coverage covered={evidence.covered} promised={evidence.promised} />
        <Review scores={evidence.review} />
        {evidence.findings.length > 0 && (
          <Part title={plural(evidence.findings.length, "finding of the review", "findings of the review")}>
            <Findings findings={evidence.findings} taskId={question.task_id} />
          </Part>
        )}
        <Cost evidence={evidence} />
      </div>
    </div>
  );
}

function Cost({ evidence }: { evidence: Evidence }) {
  return (
    <Part title="Cost">
      {evidence.cap === null ? (
        <div className="flex items-center gap-1.5">
          <CircleDollarSign aria-hidden="true" className="size-4 text-muted" />
          {usd(evidence.cost)}
        </div>
      ) : (
        <CostMeter spent={evidence.cost} budget={evidence.cap} />
      )}
      <div className="mt-1 text-xs text-muted">
        {plural(evidence.calls, "model call")}, {roundTitle(evidence.iteration).toLowerCase()}
      </div>
      {evidence.agents.length > 0 && (
        <More summary="What each agent did">
          <dl className="m-0 grid grid-cols-[auto_1fr] gap-x-4 text-[13px]">
            {evidence.agents.map(([agent, said]) => (
              <div key={agent} className="contents">
                <dt className="text-muted">{agentTitle(agent)}</dt>
                <dd className="m-0">{inert(said)}</dd>
              </div>
            ))}
          </dl>
        </More>
      )}
    </Part>
  );
}

function Scope({ evidence }: { evidence: Evidence }) {
  if (evidence.does.length + evidence.leavesOut.length === 0) return null;
  return (
    <Part title="Read from the sentence">
      {evidence.leavesOut.length > 0 && (
        <div className="mb-1.5">
          <span className="font-medium text-warn">Not covered:</span>
          <Bullets items={evidence.leavesOut} />
        </div>
      )}
      {evidence.does.length > 0 && (
        <More summary={`Covered: ${plural(evidence.does.length, "point")}`}>
          <Bullets items={evidence.does} />
        </More>
      )}
    </Part>
  );
}

function Bullets({ items }: { items: string[] }) {
  return (
    <ul className="m-0 list-disc pl-5">
      {items.map((item) => (
        <li key={item} className="break-words">
          {inert(item)}
        </li>
      ))}
    </ul>
  );
}
