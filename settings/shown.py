"""The settings as people look at them: group and description of each. `.env.example` says more."""

from collections.abc import Iterator, Mapping

from pydantic.fields import FieldInfo

from core.analytics import SettingView
from core.redaction import is_secret_name
from core.types import JsonObject
from settings.origins import Origin

GROUPS: Mapping[str, str] = {
    "reflection_enabled": "Learning",
    "gcp_project_id": "Google Cloud",
    "approval_quorum": "Questions to people",
    "code_host": "Code host",
    "telegram_bot_token": "Telegram",
    "webhook_url": "Notifications",
    "autonomy_offline": "Models",
    "max_iterations": "Tasks",
    "sandbox_backend": "Sandbox",
    "data_dir": "Service",
    "otel_sdk_disabled": "Spans",
}
"""The first setting of each group; the group goes on to the next."""
HIDDEN = frozenset({"telegram_proxy"})
"""Secrets whose names do not say so: an address with a password."""
_MODEL_OF = {
    f"model_{name}": f"the model of the {name} agent; unset: Claude where a provider key is set, else the offline model"
    for name in ("orchestrator", "planner", "backend", "database", "frontend", "qa", "reviewer", "git", "devops")
}
_KEY_OF = {
    f"{provider}_api_key": f"key of {name}"
    for provider, name in {
        "anthropic": "Anthropic",
        "openai": "OpenAI",
        "groq": "Groq",
        "deepseek": "DeepSeek",
        "gemini": "Gemini",
        "openrouter": "OpenRouter",
    }.items()
}
DESCRIPTIONS: Mapping[str, str] = {
    **_MODEL_OF,
    **_KEY_OF,
    "question_reminder_hours": "a question that waits is told of again after so long, then after twice as long; 0: never",
    "question_deadline_hours": "after so long a question that nobody answered gets the default; 0: it waits for ever",
    "question_default": "the answer at the deadline: abort or approve",
    "code_host": "where approved work is published; auto: the one whose token and repository are set, else on this machine",
    "github_token": "a token that may write contents and pull requests of the repository",
    "github_api_base": "address of GitHub's API",
    "gitlab_token": "a token that may use the API of the project",
    "gitlab_api_base": "address of GitLab's API",
    "bitbucket_token": "an API token or an access token of the repository",
    "github_webhook_secret": "of the webhook that GitHub sends to /hooks/github",
    "gitlab_webhook_secret": "of the webhook that GitLab sends to /hooks/gitlab",
    "pr_poll_seconds": "how often pull requests are looked at; 0: only when a webhook says so",
    "pr_watch_days": "pull requests of tasks that ended so long ago are looked at; 0: never",
    "pr_labels": "labels that every pull request gets",
    "pr_reviewers": "reviewers that every pull request gets",
    "pr_draft": "whether pull requests are opened as drafts",
    "telegram_bot_token": "of a bot that @BotFather makes",
    "telegram_api_base": "address of Telegram's API",
    "telegram_progress_seconds": "the message of a running task is brought up to date this often at most",
    "webhook_url": "where to post what happens to tasks",
    "webhook_secret": "what webhooks are signed with: whsec_ and 24 to 64 bytes in base64",
    "webhook_events": "what is posted",
    "model_fallback": "asked when an agent's own model failed for good or declined to answer",
    "unknown_price": "what to do with a model whose price nobody knows: ask, deny, upper_bound",
    "anthropic_api_base": "another address of the Anthropic API, such as a gateway's",
    "openai_api_base": "any endpoint that is compatible with OpenAI's",
    "model_api_base": "another name for OPENAI_API_BASE",
    "ollama_api_base": "address of Ollama",
    "llm_retry_base_delay": "seconds before a call is tried again, then twice as many each time",
    "llm_retry_max_delay": "the longest of these delays, in seconds",
    "llm_max_retries": "how often a call is tried again",
    "llm_retry_total": "no further try begins after so many seconds",
    "llm_stall_timeout": "a call ends after so many seconds of silence",
    "llm_call_timeout": "a call ends after so many seconds in all",
    "mailbox_deadline_hours": "how long a call waits in a mailbox for its answer",
    "frontend_self_review": "whether the frontend agent reads its own work once more before it hands it over",
    "max_iterations": "rounds of a task that names no number",
    "max_task_budget_usd": "cap of a task that names none, in US dollars",
    "max_daily_budget_usd": "cap of each day, all tasks together, in US dollars; unset: none",
    "max_daily_budget_per_caller_usd": "cap of each caller's day, in US dollars; unset: none",
    "budget_timezone": "whose midnight begins a new day for the budgets",
    "max_concurrent_tasks": "tasks that run at once",
    "max_queued_tasks": "tasks that may wait",
    "max_task_description_length": "characters of a task's sentence",
    "local_output_dir": "files of every finished task are written below this folder as well",
    "shutdown_grace_seconds": "how long the end of the service waits for what is under way",
    "sqlite_synchronous": "NORMAL survives the death of the process, FULL also the loss of power",
    "min_free_disk_mb": "below so much room nothing new is begun",
    "checkpoint_retention_days": "checkpoints of an ended task are kept so long; 0: only the last, from its end on",
    "sandbox_backend": "where generated code runs: auto, bwrap, unsafe-subprocess, e2b",
    "sandbox_allow_unsandboxed": "unsafe-subprocess needs this as well: yes-i-understand",
    "sandbox_max_parallel": "runs at once; unset: the number of cores, and 4 in E2B",
    "e2b_api_key": "a key switches E2B on where SANDBOX_BACKEND is auto or e2b",
    "e2b_template": "the template of E2B's machines",
    "sandbox_timeout_seconds": "how long E2B's machines live at most",
    "live_demo": "whether the application of a task is served for people to try",
    "max_demos": "demos at once",
    "demo_ttl_seconds": "how long a demo is served",
    "data_dir": "where everything is kept",
    "api_host": "the address of this machine that the service listens on",
    "api_port": "the port that the service listens on",
    "api_key": "with it every call but GET /health needs the header X-API-Key",
    "cors_origins": "pages of other origins that may read answers",
    "log_level": "the least level that is logged",
    "log_format": "text, or json: one object a line",
    "otel_sdk_disabled": "true: no spans, whatever else is set",
    "otel_traces_exporter": "otlp, console or none; unset: otlp where there is an address",
    "otel_exporter_otlp_endpoint": "the collector of spans; /v1/traces is added",
    "otel_exporter_otlp_traces_endpoint": "the whole address for spans",
    "otel_exporter_otlp_protocol": "http/protobuf; nothing else is spoken",
    "otel_exporter_otlp_traces_protocol": "http/protobuf; nothing else is spoken",
}
"""Of settings whose fields say nothing themselves."""


def view_settings(
    fields: Mapping[str, FieldInfo], shown: JsonObject, origins: Mapping[str, Origin]
) -> Iterator[SettingView]:
    """`shown` are the values as people may see them: of a secret whether it is set."""
    group = ""
    for name, field in fields.items():
        group = GROUPS.get(name, group)
        value, secret = shown[name], is_secret_name(name) or name in HIDDEN
        yield SettingView(
            name=name.upper(),
            value=None if secret else value,
            source=origins.get(name, "default"),
            secret=secret,
            is_set=value not in (None, "", [], {}),
            group=group,
            description=field.description or DESCRIPTIONS.get(name, ""),
        )
