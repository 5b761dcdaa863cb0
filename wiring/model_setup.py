"""Which models the settings choose, with their prices and keys; and whether they answer."""

import asyncio
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from agents.prompting import PromptLibrary
from config import Settings
from core.errors import AutonomyError, ModelError
from core.model_setup import AgentModel, ModelCheck, ModelChecks, ModelFacts, ModelSetup
from core.models import Message, ModelRequest
from core.ports import Ledger
from core.providers import KEY_SETTINGS, key_state
from core.redaction import Redactor
from core.types import AgentName, Json
from llm.mailbox import folder_of
from llm.offline.client import check_name
from llm.prices import PriceBook
from llm.providers import provider_of
from wiring.models import Models, layers

CHECK_CAP_USD = 0.10
"""What a check of all models may cost together."""
CHECK_TOKENS = 256
"""Of an answer, which is one word; some models think before they say it."""
CHECK_S = 60.0


async def describe_models(settings: Settings, prices: PriceBook | None = None) -> ModelSetup:
    """What the settings say, without a look at anything else; `prices` are theirs, if they are loaded already."""
    prices = prices or PriceBook.load(settings.model_pricing)
    parameters = layers(settings)
    redactor = Redactor(settings.secrets)
    fallbacks = settings.fallbacks()
    agents = [
        AgentModel(
            agent=agent,
            model=model,
            source=source,
            fallback=fallbacks.get(agent),
            parameters=_shown(redactor, parameters.of(model, agent)),
        )
        for agent, (model, source) in settings.model_choices().items()
    ]
    return ModelSetup(
        agents=tuple(agents),
        models=tuple([await _facts(model, settings, prices) for model in asked_models(settings)]),
        unknown_price=settings.unknown_price,
        dearest=prices.dearest(),
    )


def asked_models(settings: Settings) -> dict[str, AgentName]:
    """Every model once, with the first agent that it answers for; fallbacks last."""
    models: dict[str, AgentName] = {}
    for agent, model in [*settings.models().items(), *settings.fallbacks().items()]:
        models.setdefault(model, agent)
    return models


def _shown(redactor: Redactor, parameters: dict[str, Json]) -> dict[str, Json]:
    shown = redactor.json(parameters)
    assert isinstance(shown, dict)
    return shown


async def _facts(model: str, settings: Settings, prices: PriceBook) -> ModelFacts:
    provider = provider_of(model) or ("openai" if "openai" in settings.provider_bases else None)
    return ModelFacts(
        model=model,
        provider=provider,
        key=key_state(provider, settings.provider_keys, settings.provider_bases),
        key_variable=KEY_SETTINGS.get(provider or ""),
        price=await prices.find(model),
    )


@dataclass(frozen=True)
class ModelChecker:
    """Asks every model for one word, through the client that asks for agents, paid from an account of its own.

    Without retries and fallback, whose success would say nothing of the model; no task's log and no cassette has it.
    """

    settings: Settings
    models: Models
    ledger: Ledger
    prompts: PromptLibrary

    async def check(self) -> ModelChecks:
        """All at once; in the order of the agents."""
        account = f"models-check-{secrets.token_hex(4)}"
        await self.ledger.open(account, CHECK_CAP_USD)
        asked = [self._check(model, agent, account) for model, agent in asked_models(self.settings).items()]
        checks = await asyncio.gather(*asked)
        spend = await self.ledger.spend(account)
        return ModelChecks(checks=tuple(checks), cost_usd=spend.spent_usd, cap_usd=CHECK_CAP_USD)

    async def _check(self, model: str, agent: AgentName, account: str) -> ModelCheck:
        started = time.monotonic()
        try:
            async with asyncio.timeout(CHECK_S):
                detail, cost = await self._ask(model, agent, account)
        except TimeoutError:
            return ModelCheck(model=model, ok=False, detail=f"no answer within {CHECK_S:g} s", seconds=CHECK_S)
        except AutonomyError as error:
            detail = Redactor(self.settings.secrets).text(str(error)).removeprefix(f"{model}: ")
            return ModelCheck(model=model, ok=False, detail=detail, seconds=time.monotonic() - started)
        return ModelCheck(model=model, ok=True, detail=detail, cost_usd=cost, seconds=time.monotonic() - started)

    async def look(self) -> list[str]:
        """What can be said of every model without asking one, so that it costs nothing. Raises AutonomyError."""
        return [f"{model}: {await self._look_at(model) or 'not asked'}" for model in asked_models(self.settings)]

    async def _ask(self, model: str, agent: AgentName, account: str) -> tuple[str, float]:
        """(what came of it, what it cost). Raises AutonomyError."""
        if (seen := await self._look_at(model)) is not None:
            return seen, 0.0
        response = await self.models.metered.complete(self._request(model, agent, account))
        return f"answered {response.text.strip()[:40]!r}", response.cost_usd

    async def _look_at(self, model: str) -> str | None:
        """How a model is that answers on this machine; None for one that has to be asked. Raises AutonomyError."""
        match provider_of(model):
            case "offline":
                check_name(model)
                return "rules in this process; there is nothing to reach"
            case "mailbox":
                return await asyncio.to_thread(_look_at_mailbox, folder_of(model))
            case "replay":
                return f"a cassette of {len((await self.models.cassettes.open(model)).entries)} calls"
            case _:
                return None

    def _request(self, model: str, agent: AgentName, account: str) -> ModelRequest:
        prompt = self.prompts.render(agent, "check")
        return ModelRequest(
            task_id="models-check",
            account=account,
            agent=agent,
            model=model,
            messages=(Message(role="user", content=prompt.text),),
            prompt_name=prompt.name,
            prompt_hash=prompt.source_hash,
            max_output_tokens=CHECK_TOKENS,
        )


def _look_at_mailbox(folder: Path) -> str:
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise ModelError(f"{folder} cannot be written")
    return "requests can be put there; who answers them is not known here"
