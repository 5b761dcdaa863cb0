"""What a model call costs in a workflow, beside a LangGraph loop with the stock saver and LiteLLM; and ten tasks at once.

Ours has everything on: lease, checkpoints, identity, prompts, journal, events, ledger, gateway, decoder. The tasks are run by
the Runner itself, without the engine's queue. Both ask the same server the same messages and are given the same answers.
"""

import asyncio
import operator
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.context import AgentContext, Brief
from agents.prompting import PromptLibrary
from agents.registry import AGENTS
from benchmarks.durability import stock_saver
from benchmarks.figures import Figure, median
from benchmarks.wire import BareLiteLLM, Provider, Service, cpu_s, running_provider, running_service
from config import PROJECT
from core.models import InteractionFilter
from core.tasks import Task, TaskRequest
from core.types import AgentName, TaskStatus
from graph.build.request import BuildOptions
from graph.checkpoints import open_checkpoints
from graph.context import GraphContext
from graph.nodes.agent import take_turn
from graph.runner import Runner
from graph.state import AgentState
from graph.threads import Threads
from graph.workflow import Workflow
from tasks.demos import Demos
from tasks.forecasting import Forecaster
from wiring import SystemClock, make_code_host, make_sandbox
from wiring.adapters import write_output
from workspace.git import GitWorkspaceProvider

CALLS = 10
"""Of a task."""
ROUNDS, TASKS = 11, 2
WARM_UP = 2
AT_ONCE, AT_ONCE_ROUNDS = 10, 5
MODEL_S = 0.2
PIECES = 8
ANSWER = (
    '{"decision": "build", "reason": "Books with title and author are rows that are stored and served, so this can be '
    'built.", "criteria": ["Invalid input is refused with a reason", "Lists are bounded", "Unknown rows are answered as such"]}'
)
SENTENCE = "A REST API for books with title and author, no UI"
WORKFLOW = "loop"


def orchestration_costs() -> Sequence[Figure]:
    return asyncio.run(_measure())


async def _measure() -> Sequence[Figure]:
    async with AsyncExitStack() as stack:
        provider = stack.enter_context(running_provider())
        service = await stack.enter_async_context(running_service(provider.url))
        checkpoints = await stack.enter_async_context(open_checkpoints(service.data / "checkpoints.db"))
        ours = _Ours(service, Runner(_threads(checkpoints), _context(service), replaced=_never))
        provider.answer(ANSWER, times=CALLS * WARM_UP, pieces=PIECES)
        await ours.run(WARM_UP)
        bare = BareLiteLLM(provider.url)
        saver = await stack.enter_async_context(stock_saver(service.data / "stock.db"))
        stock = _Stock(_stock_graph(saver, bare, await ours.messages()), bare)
        provider.answer(ANSWER, times=CALLS * WARM_UP, pieces=PIECES)
        await stock.run(WARM_UP)
        return (*await _per_call(provider, ours, stock), *await _at_once(provider, ours, bare))


@dataclass
class _Ours:
    """Tasks of the loop workflow, one after the other or at once."""

    service: Service
    runner: Runner
    made: list[str] = field(default_factory=list)

    async def run(self, tasks: int) -> None:
        for _ in range(tasks):
            await self.one()

    async def one(self) -> None:
        task_id = f"t{len(self.made)}"
        self.made.append(task_id)
        now = time.time()
        request = TaskRequest(task_description=SENTENCE, workflow=WORKFLOW)
        task = Task(
            task_id=task_id,
            request=request,
            status=TaskStatus.QUEUED,
            graph_version="loop/1",
            created_at=now,
            updated_at=now,
        )
        await self.service.stores.tasks.create(task)
        await self.service.stores.ledger.open(task_id, 1_000)
        await self.runner.run_segment(task_id, 0)
        ended = await self.service.stores.tasks.get(task_id)
        if ended.status is not TaskStatus.COMPLETED:
            raise RuntimeError(f"the task ended as {ended.status}: {ended.error}")

    async def messages(self) -> Sequence[Mapping[str, str]]:
        """What an agent asks in a call."""
        newest = await self.service.stores.interactions.list(InteractionFilter(task_id=self.made[-1], limit=1))
        return [{"role": message.role, "content": message.content} for message in newest[0].messages]


async def _turn(state: AgentState, runtime: Runtime[GraphContext]) -> AgentState:
    number = state["iteration"]
    brief = Brief(task_id=state["task_id"], step="classify", sentence=state["sentence"], iteration=number)
    turn = await take_turn(runtime.context, AgentName.ORCHESTRATOR, brief)
    if turn.result is None:
        return {"outcome": "failed", "reason": str(turn.blocked)}
    criteria = turn.result.data["criteria"]
    assert isinstance(criteria, list)
    last: AgentState = {"outcome": "completed"} if number + 1 == CALLS else {}
    return {"iteration": number + 1, "criteria": [str(each) for each in criteria], **last}


async def _after_turn(state: AgentState) -> str:
    return END if state.get("outcome") else "turn"


def _loop() -> StateGraph[AgentState, GraphContext, AgentState, AgentState]:
    graph = StateGraph(AgentState, context_schema=GraphContext)
    graph.add_node("turn", _turn)
    graph.add_edge(START, "turn")
    graph.add_conditional_edges("turn", _after_turn, ["turn", END])
    return graph


def _threads(checkpoints: Any) -> Threads:
    loop = Workflow(
        WORKFLOW, "loop/1", "Ask again and again", BuildOptions, _loop, gate="turn", asks="turn",
        redirect=lambda state, pending, feedback: None,
    )  # fmt: skip
    return Threads.over({WORKFLOW: loop}, checkpoints)


def _context(service: Service) -> GraphContext:
    settings, stores, clock = service.settings, service.stores, SystemClock()
    sandbox = make_sandbox(settings)
    thinking = AgentContext(
        model=service.model,
        identities=stores.identities,
        sandbox=sandbox,
        events=stores.events,
        prompts=PromptLibrary(PROJECT / "prompts"),
        models=settings.models(),
        tracing=service.watch.tracing,
    )
    models = settings.models()
    workspaces = GitWorkspaceProvider(service.data / "workspaces", clock)
    return GraphContext(
        agents=AGENTS,
        thinking=thinking,
        tasks=stores.tasks,
        interrupts=stores.interrupts,
        questions=settings.question_policy,
        requests=settings.request_defaults,
        demos=Demos(sandbox, stores.tasks, workspaces, clock, enabled=False),
        workspaces=workspaces,
        sandbox=sandbox,
        code_host=make_code_host(settings),
        ci="local",
        effects=stores.effects,
        ledger=stores.ledger,
        forecasts=Forecaster(
            stores.finished.newest, stores.interactions, models, service.prices.find, service.prices.dearest
        ),
        clock=clock,
        write_output=write_output,
        unasked=_nothing_left_over,
    )


class Heard(TypedDict, total=False):
    """The state of the stock loop."""

    task_id: str
    number: int
    answers: Annotated[list[str], operator.add]


@dataclass
class _Stock:
    """The same calls in a plain LangGraph loop."""

    graph: Any
    bare: BareLiteLLM
    made: int = 0

    async def run(self, tasks: int) -> None:
        with self.bare.as_shipped():
            for _ in range(tasks):
                self.made += 1
                config = {"configurable": {"thread_id": f"t{self.made}"}, "recursion_limit": 60}
                done = await self.graph.ainvoke({"task_id": f"t{self.made}", "number": 0}, config, durability="sync")
                if done["answers"] != [ANSWER] * CALLS:
                    raise RuntimeError("the loop was not answered as it must")


def _stock_graph(saver: Any, bare: BareLiteLLM, messages: Sequence[Mapping[str, str]]) -> Any:
    async def turn(state: Heard) -> Heard:
        return {"number": state["number"] + 1, "answers": [await bare.ask(messages)]}

    async def after(state: Heard) -> str:
        return END if state["number"] == CALLS else "turn"

    graph: StateGraph[Any, Any, Any, Any] = StateGraph(Heard)
    graph.add_node("turn", turn)
    graph.add_edge(START, "turn")
    graph.add_conditional_edges("turn", after, ["turn", END])
    return graph.compile(checkpointer=saver)


async def _nothing_left_over(task_id: str) -> str:
    return ""


def _never(what: str) -> None:
    raise RuntimeError(what)


async def _per_call(provider: Provider, ours: _Ours, stock: _Stock) -> Sequence[Figure]:
    """CPU of both in turn; of ours with its task's beginning and end."""
    spent: dict[str, list[float]] = {"ours": [], "stock": []}
    works: list[tuple[str, Callable[[int], Awaitable[None]]]] = [("ours", ours.run), ("stock", stock.run)]
    calls = CALLS * TASKS
    for number in range(ROUNDS):
        for name, work in works if number % 2 else reversed(works):
            provider.answer(ANSWER, times=calls, pieces=PIECES)
            spent[name].append(await cpu_s(work(TASKS)) / calls * 1000)
    ratio = median([one / other for one, other in zip(spent["ours"], spent["stock"], strict=True)])
    how = (
        f"CPU of the process per call, median of {ROUNDS} pairs of {TASKS} tasks of {CALLS} calls in turn, answers of "
        f"{PIECES} pieces: {median(spent['ours']):.2f} ms over {median(spent['stock']):.2f} ms of a LangGraph loop with "
        "AsyncSqliteSaver and litellm.acompletion(stream=True); text in, text out, without the engine's queue; there are "
        "no tool loops in the product yet"
    )
    return (Figure("orchestration of a model call over a LangGraph loop", ratio, "times", 2.0, how),)


async def _at_once(provider: Provider, ours: _Ours, bare: BareLiteLLM) -> Sequence[Figure]:
    """Wall of ten tasks at once over ten bare loops."""
    messages = await ours.messages()

    async def bare_loop() -> None:
        for _ in range(CALLS):
            await bare.ask(messages)

    spent: dict[str, list[float]] = {"ours": [], "bare": []}
    for number in range(AT_ONCE_ROUNDS):
        for name in ("ours", "bare") if number % 2 else ("bare", "ours"):
            provider.answer(ANSWER, times=CALLS * AT_ONCE, pieces=1, pause_s=MODEL_S)
            began = time.perf_counter()
            if name == "ours":
                await asyncio.gather(*(ours.one() for _ in range(AT_ONCE)))
            else:
                with bare.as_shipped():
                    await asyncio.gather(*(bare_loop() for _ in range(AT_ONCE)))
            spent[name].append(time.perf_counter() - began)
    ratio = median([one / other for one, other in zip(spent["ours"], spent["bare"], strict=True)])
    how = (
        f"wall, median of {AT_ONCE_ROUNDS} pairs in turn: {median(spent['ours']):.2f} s over {median(spent['bare']):.2f} s "
        f"of {AT_ONCE} loops of {CALLS} bare calls of LiteLLM to the same server; {MODEL_S * CALLS:g} s of both is the model's"
    )
    return (Figure(f"{AT_ONCE} tasks at once over bare loops", ratio, "times", 1.15, how),)


if __name__ == "__main__":
    from benchmarks.figures import table

    print(table(orchestration_costs()))
