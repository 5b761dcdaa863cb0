"""Settings of what agents learn, and of the stores of the cloud that may hold it."""

from typing import Literal

from pydantic import BaseModel, Field

from core.budget import CapUsd


class LearningSettings(BaseModel):
    """Fields of Settings, by their names in lower case."""

    # Learning
    reflection_enabled: bool = Field(default=True, description="agents draw rules from how their finished tasks went")
    reflection_interval: int = Field(default=3, ge=1, le=1_000, description="finished tasks between two reflections")
    reflection_dry_run: bool = Field(default=False, description="tell what would change, and change nothing")
    reflection_max_rule_length: int = Field(default=200, ge=15, le=1_000, description="characters of a rule")
    reflection_max_rules: int = Field(default=40, ge=1, le=200, description="learned rules of an agent, trials too")
    reflection_budget_usd: CapUsd = Field(default=0.05, description="of one reflection of one agent")
    rule_experiments: Literal["auto", "manual"] = Field(
        default="auto", description="auto: rules on trial are tried while no task is at work"
    )
    experiment_budget_usd: CapUsd = Field(
        default=1.0, description="of all experiments that begin by themselves in a day; of each that a person begins"
    )
    experiment_tasks: int = Field(default=40, ge=4, le=200, description="held-out tasks of one experiment")

    # Google Cloud; without a project everything stays on this machine
    gcp_project_id: str = Field(
        default="", pattern=r"^([a-z][a-z0-9:.-]{4,61}[a-z0-9])?$", description="the project; empty: no cloud"
    )
    firestore_collection: str = Field(
        default="agents", pattern=r"^[A-Za-z0-9_-]{1,100}$", description="of the identities"
    )
    bq_dataset: str = Field(
        default="agent_system", pattern=r"^[A-Za-z0-9_]{1,200}$", description="BigQuery's dataset of calls"
    )
    bigquery_emulator_host: str = Field(
        default="", description="address of a stand-in for BigQuery, which is asked without credentials"
    )
