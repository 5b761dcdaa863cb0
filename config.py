"""Settings: the only place that reads the environment and `.env`. Read once, handed down as plain values."""

import ipaddress
from collections.abc import Mapping
from datetime import UTC, tzinfo
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, TypeAdapter, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.budget import CapUsd
from core.notifications import NOTIFICATION_TYPES
from core.types import AgentName, Json, JsonObject

PROJECT = Path(__file__).resolve().parent
OFFLINE_MODEL = "offline/scaffold"
STRONG_MODEL, LIGHT_MODEL = "claude-sonnet-4-6", "claude-haiku-4-5"
_LIGHT = frozenset({AgentName.REVIEWER, AgentName.GIT, AgentName.DEVOPS})
OTLP_PROTOCOL = "http/protobuf"
_SECRETS = frozenset({"api_key", "webhook_secret"})


class Settings(BaseSettings):
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
    model_llm_params: dict[str, dict[str, Json]] = Field(
        default_factory=dict, description="JSON, by model or provider prefix"
    )
    agent_llm_params: dict[AgentName, dict[str, Json]] = Field(default_factory=dict, description="JSON, by agent")
    model_pricing: dict[str, dict[str, Json]] = Field(
        default_factory=dict,
        description="JSON, by model: input, output, cache_read, cache_write in USD per million tokens",
    )
    unknown_price: Literal["ask", "deny", "upper_bound"] = "ask"
    anthropic_api_key: str | None = None
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
    llm_stall_timeout: float = Field(default=120.0, gt=0, le=3600)
    mailbox_deadline_hours: float = Field(default=24.0, gt=0, le=720)
    frontend_self_review: bool = False

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

    # Service
    data_dir: Path = PROJECT / "data"
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

    # Notifications
    webhook_url: str | None = None
    webhook_secret: str | None = None
    webhook_events: Annotated[frozenset[str], NoDecode] = NOTIFICATION_TYPES

    @field_validator("cors_origins", "webhook_events", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("otel_exporter_otlp_endpoint", "otel_exporter_otlp_traces_endpoint")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "http://none")
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ValueError(
                "must be an http:// or https:// address without a password; credentials go into OTEL_EXPORTER_OTLP_HEADERS"
            )
        return value

    @field_validator("local_output_dir", "sandbox_toolchains", "data_dir")
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

    @field_validator("webhook_events")
    @classmethod
    def _known(cls, value: frozenset[str]) -> frozenset[str]:
        if unknown := sorted(value - NOTIFICATION_TYPES):
            raise ValueError(f"{unknown[0]!r} is not one of {', '.join(sorted(NOTIFICATION_TYPES))}")
        return value

    @model_validator(mode="after")
    def _delays(self) -> Self:
        if self.llm_retry_max_delay < self.llm_retry_base_delay:
            raise ValueError("LLM_RETRY_MAX_DELAY must not be below LLM_RETRY_BASE_DELAY")
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
        """Every key that is set: what no log line may hold."""
        return tuple(str(value) for name, value in self if value and _is_secret(name))

    @cached_property
    def provider_keys(self) -> Mapping[str, str]:
        """Keys that are set, by provider."""
        known = {
            "anthropic": self.anthropic_api_key,
            "openai": self.openai_api_key,
            "groq": self.groq_api_key,
            "deepseek": self.deepseek_api_key,
            "gemini": self.gemini_api_key,
            "openrouter": self.openrouter_api_key,
        }
        return {provider: key for provider, key in known.items() if key}

    @cached_property
    def provider_bases(self) -> Mapping[str, str]:
        """Addresses that are set, by provider."""
        known = {"openai": self.openai_api_base or self.model_api_base, "ollama": self.ollama_api_base}
        return {provider: base for provider, base in known.items() if base}

    def models(self) -> dict[AgentName, str]:
        """The model of every agent: the one that is set, else Claude, or the offline model where there is no provider at all."""
        chosen = {
            AgentName.ORCHESTRATOR: self.model_orchestrator,
            AgentName.PLANNER: self.model_planner,
            AgentName.BACKEND: self.model_backend,
            AgentName.DATABASE: self.model_database,
            AgentName.FRONTEND: self.model_frontend,
            AgentName.QA: self.model_qa,
            AgentName.REVIEWER: self.model_reviewer,
            AgentName.GIT: self.model_git,
            AgentName.DEVOPS: self.model_devops,
        }
        if self.autonomy_offline:
            offline = {agent: model for agent, model in chosen.items() if model and model.startswith("offline/")}
            return {agent: offline.get(agent, OFFLINE_MODEL) for agent in AgentName}
        hosted = bool(self.provider_keys)
        return {agent: chosen[agent] or self._default_model(agent, hosted) for agent in AgentName}

    @staticmethod
    def _default_model(agent: AgentName, hosted: bool) -> str:
        if not hosted:
            return OFFLINE_MODEL
        return LIGHT_MODEL if agent in _LIGHT else STRONG_MODEL

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
    def local_only(self) -> bool:
        """Whether only this machine is served: nobody is asked for a key, so nobody else may come in."""
        return self.only_loopback and not self.api_key

    @property
    def budget_zone(self) -> tzinfo:
        """Whose midnight begins a new day for the daily budgets."""
        return UTC if self.budget_timezone == "UTC" else ZoneInfo(self.budget_timezone)

    @property
    def syncs(self) -> bool:
        """Whether what is stored is to survive the loss of power, too."""
        return self.sqlite_synchronous == "FULL"

    def redacted(self) -> JsonObject:
        """Every setting as JSON for people, with secrets replaced by whether they are set."""
        shown: JsonObject = TypeAdapter(dict[str, Json]).validate_python(self.model_dump(mode="json"))
        for name in shown:
            if _is_secret(name):
                shown[name] = "set" if shown[name] else None
        if self.webhook_url:  # people put tokens into its path and its query
            address = urlsplit(self.webhook_url)
            shown["webhook_url"] = f"{address.scheme}://{address.hostname}/..."
        return shown


def _is_secret(name: str) -> bool:
    return name in _SECRETS or name.endswith("_api_key")
