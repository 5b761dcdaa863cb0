"""What the client's models have in common: they are read-only, and keep fields that only a newer service knows."""

from typing import TypeAlias

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypeAliasType

Json = TypeAliasType("Json", "bool | int | float | str | list[Json] | dict[str, Json] | None")
"""Any JSON value."""

JsonObject: TypeAlias = dict[str, Json]


class Model(BaseModel):
    """Fields that this version does not know are kept in `model_extra` and written out again."""

    # Built on first use: a program that asks for one task does not pay for the shapes of all answers.
    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)
