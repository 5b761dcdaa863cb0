"""Settings: the only place that reads the environment and `.env`. Read once, handed down as plain values."""

import ipaddress
import json
from collections.abc import Mapping
from datetime import UTC, tzinfo
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, TypeAdapter, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from core.analytics import SettingView
from core.budget import CapUsd
from core.model_params import fault_in_params
from core.offline_models import PREFIX, SCAFFOLD, fault_in_offline_name
from core.providers import KEY_SETTINGS
from core.redaction import Redactor, is_secret_name, named_secrets
from core.types import AgentName, Json, JsonObject
from settings.learning import LearningSettings
from settings.origins import ORIGINS, Origin, OriginsSource
from settings.outside import OutsideSettings, split_list
from settings.places import default_data_dir
from settings.shown import view_settings

PROJECT = Path(__file__).resolve().parent
OFFLINE_MODEL = SCAFFOLD
STRONG_MODEL, LIGHT_MODEL = "claude-sonnet-4-6", "claude-haiku-4-5"
_LIGHT = frozenset({AgentName.REVIEWER, AgentName.GIT, AgentName.DEVOPS})
_WITHOUT_NETWORK = ("offline/", "replay/")
OTLP_PROTOCOL = "http/protobuf"


def _from_json(value: object) -> object:
    """A text as the JSON in it, so that what is wrong with it is said like everything else."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from error


_DECODED = (NoDecode, BeforeValidator(_from_json))
Params = dict[str, Json]
ModelParams = Annotated[dict[str, Params], *_DECODED]
AgentParams = Annotated[dict[AgentName, Params], *_DECODED]
Prices = Annotated[dict[str, Params], *_DECODED]
Windows = Annotated[dict[str, Annotated[int, Field(ge=1)]], *_DECODED]
AgentModels = Annotated[dict[AgentName, str], *_DECODED]


class Settings(OutsideSettings, LearningSettings, BaseSettings):
    """Every setting, by its name in lower case. `.env.example` lists them all."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    # Models
    autonomy_offline: bool = Field(
        default=False, description="use the offline model for every agent, whatever keys there are"
    )
    model_orchestrator: str | None = None
    model_planner: str | None = None
    model_backend: str | None = None
    model_database: str | None = None
    model_frontend: str | None = None
    model_qa: str | None = None
    model_reviewer: str | None = None
    model_git: str | None = None
    model_devops: str | None = None
    model_fallback: str | None = None
    agent_fallbacks: AgentModels = Field(default_factory=dict, description="JSON, by agent, before MODEL_FALLBACK")
    model_llm_params: ModelParams = Field(default_factory=dict, description="JSON, by model or provider prefix")
    agent_llm_params: AgentParams = Field(default_factory=dict, description="JSON, by agent")
    model_context_windows: Windows = Field(default_factory=dict, description="JSON, by model: tokens of input")
    adaptive_thinking: bool = Field(
        default=True, description="orchestrator, planner and backend_agent think first where the model can"
    )
    model_pricing: Prices = Field(
        default_factory=dict,
        description="JSON, by model: input, output, cache_read, cache_write in USD per million tokens",
    )
    unknown_price: Literal["ask", "deny", "upper_bound"] = "ask"
    anthropic_api_key: str | None = None
    anthropic_api_base: str | None = None
    openai_api_key: str | None = None
    openai_api_base: str | None = None
    model_api_base: str | None = None
    groq_api_key: str | None = None
    deepseek_api_key: str | None = None
    gemini_api_key: str | None = None
    openrouter_api_key: str | None = None
    ollama_api_base: str | None = None
    llm_retry_base_delay: float = Field(default=5.0, ge=0, le=600)
    llm_retry_max_delay: float = Field(default=60.0, ge=0, le=3600)
    llm_max_retries: int = Field(default=6, ge=0, le=50)
    llm_retry_total: float = Field(default=900.0, ge=0, le=86_400)
    llm_stall_timeout: float = Field(default=120.0, gt=0, le=3600)
    llm_call_timeout: float = Field(default=3600.0, gt=0, le=86_400)
    mailbox_deadline_hours: float = Field(default=24.0, gt=0, le=720)
    frontend_self_review: bool = False
    record: Path | None = Field(default=None, description="folder of a cassette: every model call is written into it")

    # Tasks
    max_iterations: int = Field(default=3, ge=1, le=20)
    max_task_budget_usd: CapUsd = 0.50
    max_daily_budget_usd: CapUsd | None = None
    max_daily_budget_per_caller_usd: CapUsd | None = None
    budget_timezone: str = "UTC"
    max_concurrent_tasks: int = Field(default=5, ge=1, le=1000)
    max_queued_tasks: int = Field(default=50, ge=0, le=100_000)
    max_task_description_length: int = Field(default=4_000, ge=1, le=100_000)
    local_output_dir: Path | None = None
    shutdown_grace_seconds: float = Field(default=10.0, ge=0, le=600)
    sqlite_synchronous: Literal["NORMAL", "FULL"] = "NORMAL"
    min_free_disk_mb: int = Field(default=100, ge=0, le=1_000_000)
    checkpoint_retention_days: float = Field(default=30.0, ge=0, le=3650)

    # Sandbox
    sandbox_backend: Literal["auto", "bwrap", "unsafe-subprocess", "e2b"] = "auto"
    sandbox_allow_unsandboxed: str = ""
    sandbox_toolchains: Path | None = Field(default=None, description="folder that holds the toolchains")
    sandbox_max_parallel: int | None = Field(default=None, ge=1, le=256)
    e2b_api_key: str | None = None
    e2b_template: str = Field(default="autonomy", min_length=1, max_length=200)
    sandbox_timeout_seconds: int = Field(default=3600, ge=60, le=86_400)
    live_demo: bool = True
    max_demos: int = Field(default=5, ge=1, le=100)
    demo_ttl_seconds: float = Field(default=3600.0, ge=10, le=86_400)
    demo_host: str = Field(default="127.0.0.1", description="the address of this machine that demos listen on")
    demo_public_host: str = Field(default="", description="the name in the addresses of demos; DEMO_HOST when empty")

    # Service
    data_dir: Path = Field(default_factory=lambda: default_data_dir(PROJECT))
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8000, ge=0, le=65_535)
    api_key: str | None = None
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ("http://localhost:3000", "http://localhost:5173")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    # Spans; other variables of OpenTelemetry are read by its SDK, from the environment alone
    otel_sdk_disabled: bool = False
    otel_traces_exporter: Literal["otlp", "console", "none"] | None = None
    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_traces_endpoint: str | None = None
    otel_exporter_otlp_protocol: str = OTLP_PROTOCOL
    otel_exporter_otlp_traces_protocol: str | None = None

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *args: PydanticBaseSettingsSource, **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (*super().settings_customise_sources(settings_cls, *args, **sources), OriginsSource(settings_cls))

    @model_validator(mode="wrap")
    @classmethod
    def _keep_origins(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        settings = handler(values)
        if isinstance(values, dict) and ORIGINS in values:
            settings.__dict__["origins"] = values[ORIGINS]  # where cached properties are: no part of what is compared
        return settings

    @cached_property
    def origins(self) -> Mapping[str, Origin]:
        """Where each setting that was said comes from, by name."""
        return {}

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        return split_list(value)

    @field_validator("otel_exporter_otlp_endpoint", "otel_exporter_otlp_traces_endpoint")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "http://none")
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ValueError(
                "must be an http:// or https:// address without a password; credentials go into OTEL_EXPORTER_OTLP_HEADERS"
            )
        return value

    @field_validator("local_output_dir", "sandbox_toolchains", "data_dir", "record")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("budget_timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value != "UTC":
            try:
                ZoneInfo(value)
            except (OSError, ValueError, ZoneInfoNotFoundError) as error:
                raise ValueError(f"{value!r} is no time zone that this machine knows, as Europe/Berlin is") from error
        return value

    @field_validator("model_llm_params", "agent_llm_params")
    @classmethod
    def _params(cls, value: Mapping[str, Params]) -> Mapping[str, Params]:
        for whose, params in value.items():
            if fault := fault_in_params(params):
                raise ValueError(f"{whose}: {fault}")
        return value

    @field_validator(
        "model_orchestrator", "model_planner", "model_backend", "model_database", "model_frontend", "model_qa",
        "model_reviewer", "model_git", "model_devops", "model_fallback",
    )  # fmt: skip
    @classmethod
    def _model_name(cls, value: str | None) -> str | None:
        if value and (fault := _fault_in_name(value)):
            raise ValueError(f"{value!r} is not the name of a model: {fault}")
        return value

    @field_validator("agent_fallbacks")
    @classmethod
    def _model_names(cls, value: Mapping[AgentName, str]) -> Mapping[AgentName, str]:
        for agent, name in value.items():
            if name and (fault := _fault_in_name(name)):
                raise ValueError(f"{agent}: {name!r} is not the name of a model: {fault}")
        return value

    @model_validator(mode="after")
    def _delays(self) -> Self:
        if self.llm_retry_max_delay < self.llm_retry_base_delay:
            raise ValueError("LLM_RETRY_MAX_DELAY must not be below LLM_RETRY_BASE_DELAY")
        return self

    @model_validator(mode="after")
    def _cassettes(self) -> Self:
        for name, models in {
            "MODEL_FALLBACK": [self.model_fallback],
            "AGENT_FALLBACKS": self.agent_fallbacks.values(),
        }.items():
            if any(model and model.startswith("replay/") for model in models):
                raise ValueError(f"{name} cannot be a cassette: it holds no answers to what another model was asked")
        replayed = {
            model.split("?")[0].removeprefix("replay/") for model in self.models().values() if "replay/" in model
        }
        if self.record is not None and self.record in {Path(folder).absolute() for folder in replayed}:
            raise ValueError("RECORD must be another folder than the cassette that MODEL_* replays")
        return self

    @model_validator(mode="after")
    def _spans(self) -> Self:
        traces = self.otel_exporter_otlp_traces_protocol
        name = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL" if traces else "OTEL_EXPORTER_OTLP_PROTOCOL"
        protocol = traces or self.otel_exporter_otlp_protocol
        if self.spans_to == "otlp" and protocol != OTLP_PROTOCOL:
            raise ValueError(
                f"{name}={protocol} is not supported: spans are sent by {OTLP_PROTOCOL} only. Set it so, with the address "
                "of the collector's HTTP receiver (usually port 4318), or set OTEL_TRACES_EXPORTER=none"
            )
        return self

    @property
    def spans_to(self) -> Literal["otlp", "console"] | None:
        """Where spans go: where OTEL_TRACES_EXPORTER says, else to an OTLP endpoint if there is one, else nowhere."""
        if self.otel_sdk_disabled or self.otel_traces_exporter == "none":
            return None
        endpoint = self.otel_exporter_otlp_traces_endpoint or self.otel_exporter_otlp_endpoint
        return self.otel_traces_exporter or ("otlp" if endpoint else None)

    @property
    def spans_endpoint(self) -> str | None:
        """The whole address for spans; None for the SDK's default, the collector on this machine."""
        base = self.otel_exporter_otlp_endpoint
        return self.otel_exporter_otlp_traces_endpoint or (f"{base.rstrip('/')}/v1/traces" if base else None)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every key that is set, in a setting of its own or among parameters: what no log line and no cassette may hold."""
        keys = [str(value) for name, value in self if value and is_secret_name(name)]
        parameters = self.model_dump(mode="json", include={"model_llm_params", "agent_llm_params"})
        password = urlsplit(self.telegram_proxy or "").password
        return tuple(dict.fromkeys([*keys, *named_secrets(parameters), *([password] if password else [])]))

    @cached_property
    def provider_keys(self) -> Mapping[str, str]:
        """Keys that are set, by provider."""
        known = {provider: getattr(self, variable.lower()) for provider, variable in KEY_SETTINGS.items()}
        return {provider: key for provider, key in known.items() if key}

    @cached_property
    def provider_bases(self) -> Mapping[str, str]:
        """Addresses that are set, by provider."""
        known = {
            "anthropic": self.anthropic_api_base,
            "openai": self.openai_api_base or self.model_api_base,
            "ollama": self.ollama_api_base,
        }
        return {provider: base for provider, base in known.items() if base}

    def models(self) -> dict[AgentName, str]:
        """The model of every agent: the one that is set, else Claude, or the offline model where there is no provider at all."""
        return {agent: model for agent, (model, _) in self.model_choices().items()}

    def model_choices(self) -> dict[AgentName, tuple[str, str]]:
        """The model of every agent, and where it comes from: the setting's name, `default`, or why it is the offline model."""
        return {agent: self._choice(agent) for agent in AgentName}

    def _choice(self, agent: AgentName) -> tuple[str, str]:
        setting = model_setting(agent)
        chosen: str | None = getattr(self, setting)
        if chosen and (not self.autonomy_offline or chosen.startswith(_WITHOUT_NETWORK)):
            return chosen, setting.upper()
        if self.autonomy_offline:
            return OFFLINE_MODEL, "AUTONOMY_OFFLINE is set"
        if not self.provider_keys:
            return OFFLINE_MODEL, "no provider key is set"
        return (LIGHT_MODEL if agent in _LIGHT else STRONG_MODEL), "default"

    def fallbacks(self) -> dict[AgentName, str]:
        """The model that is asked when an agent's own has failed for good, for agents that have one; a cassette has none."""
        asked = [agent for agent, model in self.models().items() if not model.startswith("replay/")]
        chosen = {agent: self.agent_fallbacks.get(agent, self.model_fallback) or "" for agent in asked}
        return {
            agent: model
            for agent, model in chosen.items()
            if model and (not self.autonomy_offline or model.startswith(_WITHOUT_NETWORK))
        }

    @property
    def only_loopback(self) -> bool:
        """Whether the API can be reached from this machine alone."""
        if self.api_host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.api_host).is_loopback
        except ValueError:
            return False

    @property
    def budget_zone(self) -> tzinfo:
        """Whose midnight begins a new day for the daily budgets."""
        return UTC if self.budget_timezone == "UTC" else ZoneInfo(self.budget_timezone)

    @property
    def syncs(self) -> bool:
        """Whether what is stored is to survive the loss of power, too."""
        return self.sqlite_synchronous == "FULL"

    def shown(self) -> tuple[SettingView, ...]:
        """Every setting as it is in effect, with where it comes from; secrets are left out."""
        return tuple(view_settings(type(self).model_fields, self.redacted(), self.origins))

    def redacted(self) -> JsonObject:
        """Every setting as JSON for people, with secrets replaced by whether they are set."""
        shown: JsonObject = TypeAdapter(dict[str, Json]).validate_python(self.model_dump(mode="json"))
        redactor = Redactor(self.secrets)
        for name in shown:
            if is_secret_name(name):
                shown[name] = "set" if shown[name] else None
            elif name.endswith("_llm_params"):
                shown[name] = redactor.json(shown[name])
        if self.telegram_proxy:
            shown["telegram_proxy"] = "set"
        if self.webhook_url:  # people put tokens into its path and its query
            address = urlsplit(self.webhook_url)
            shown["webhook_url"] = f"{address.scheme}://{address.hostname}/..."
        return shown


def _fault_in_name(model: str) -> str:
    """What keeps `model` from being a name (PROVIDER/NAME, or a name that says its provider); empty when nothing does."""
    if model.startswith(("mailbox/", "replay/")):
        return "the folder is missing" if model in ("mailbox/", "replay/") else ""
    if any(character.isspace() or not character.isprintable() for character in model):
        return "it has blanks in it"
    if any(not part for part in model.split("?")[0].split("/")):
        return "a part of it is empty"
    return fault_in_offline_name(model) if model.startswith(PREFIX) else ""


def model_setting(agent: AgentName) -> str:
    """The field that holds an agent's model: `model_backend` for backend_agent, `model_reviewer` for code_reviewer."""
    return f"model_{agent.value.removeprefix('code_').removesuffix('_agent')}"
