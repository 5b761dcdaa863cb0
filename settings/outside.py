"""Settings of people and systems outside: questions, code hosts, chats, webhooks."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_settings import NoDecode

from core.notifications import NOTIFICATION_TYPES
from core.publication import RequestDefaults
from core.questions import QuestionPolicy


def split_list(value: object) -> object:
    """A text with commas as its parts; anything else as it is."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class OutsideSettings(BaseModel):
    """Fields of Settings, by their names in lower case."""

    # Questions to people
    approval_quorum: int = Field(default=1, ge=1, le=2, description="how many different people have to approve")
    question_reminder_hours: float = Field(default=24.0, ge=0, le=8760)
    question_deadline_hours: float = Field(default=0.0, ge=0, le=8760)
    question_default: Literal["abort", "approve"] = "abort"

    # Code host
    code_host: Literal["auto", "local", "github", "gitlab", "bitbucket"] = "auto"
    github_token: str | None = None
    github_repo: str | None = Field(default=None, description="owner/name")
    github_api_base: str = "https://api.github.com"
    gitlab_token: str | None = None
    gitlab_project: str | None = Field(default=None, description="group/name")
    gitlab_api_base: str = "https://gitlab.com/api/v4"
    bitbucket_token: str | None = None
    bitbucket_user: str = Field(default="", description="account e-mail with an API token; empty for an access token")
    bitbucket_repo: str | None = Field(default=None, description="workspace/name")
    github_webhook_secret: str | None = None
    gitlab_webhook_secret: str | None = None
    pr_poll_seconds: float = Field(default=600.0, ge=0, le=86_400)
    pr_watch_days: float = Field(default=14.0, ge=0, le=365)
    pr_labels: Annotated[tuple[str, ...], NoDecode] = ("autonomy",)
    pr_reviewers: Annotated[tuple[str, ...], NoDecode] = ()
    pr_draft: bool = False

    # Telegram
    telegram_bot_token: str | None = None
    telegram_chat_id: int | None = Field(default=None, description="the one chat that is told and may answer")
    telegram_users: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset(), description="ids of people who may answer there; none: everybody in the chat"
    )
    telegram_proxy: str | None = Field(default=None, description="http:// or socks5://")
    telegram_api_base: str = "https://api.telegram.org"
    telegram_progress_seconds: float = Field(default=5.0, ge=1, le=3600)

    # Notifications
    webhook_url: str | None = None
    webhook_secret: str | None = None
    webhook_events: Annotated[frozenset[str], NoDecode] = NOTIFICATION_TYPES
    webhook_task_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="hosts that webhooks of single tasks may go to; none: there are no such webhooks",
    )
    public_url: str | None = Field(default=None, description="where people reach the service; links need it")

    @field_validator(
        "telegram_users", "webhook_events", "webhook_task_hosts", "pr_labels", "pr_reviewers", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return split_list(value)

    @field_validator("webhook_events")
    @classmethod
    def _known(cls, value: frozenset[str]) -> frozenset[str]:
        if unknown := sorted(value - NOTIFICATION_TYPES):
            raise ValueError(f"{unknown[0]!r} is not one of {', '.join(sorted(NOTIFICATION_TYPES))}")
        return value

    @field_validator("webhook_task_hosts")
    @classmethod
    def _hosts(cls, value: frozenset[str]) -> frozenset[str]:
        if wrong := sorted(host for host in value if "/" in host or "@" in host):
            raise ValueError(f"{wrong[0]!r} is not a host, as hooks.example.org or 127.0.0.1:9000 is")
        return frozenset(host.lower() for host in value)

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "http://none")
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
            raise ValueError("must be an http:// or https:// address without a password and a query")
        return value

    @model_validator(mode="after")
    def _chat(self) -> Self:
        if self.telegram_bot_token and self.telegram_chat_id is None:
            raise ValueError(
                "TELEGRAM_CHAT_ID must be set with TELEGRAM_BOT_TOKEN: docs/telegram.md says how to find it"
            )
        return self

    @property
    def question_policy(self) -> QuestionPolicy:
        """How questions are asked; 0 hours is never."""
        return QuestionPolicy(
            quorum=self.approval_quorum,
            remind_s=self.question_reminder_hours * 3600 or None,
            deadline_s=self.question_deadline_hours * 3600 or None,
            default_action=self.question_default,
        )

    @property
    def request_defaults(self) -> RequestDefaults:
        """What every pull request gets."""
        return RequestDefaults(labels=self.pr_labels, reviewers=self.pr_reviewers, draft=self.pr_draft)
