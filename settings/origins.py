"""Where each setting comes from, told by the sources that pydantic-settings has read already. Reads nothing itself."""

from typing import Any, Literal, TypeAlias

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

Origin: TypeAlias = Literal["default", "environment", "file"]
ORIGINS = "_origins"
"""Among the values of the settings, under a name that none of them can have: origins by name."""
_SOURCES: dict[str, Origin] = {
    "DotEnvSettingsSource": "file",
    "EnvSettingsSource": "environment",
    "InitSettingsSource": "environment",
}
"""Least first. What a command was told beside the environment goes for a part of that."""


class OriginsSource(PydanticBaseSettingsSource):
    """Behind all other sources: adds which of them each value is from, and no value."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        told = self.settings_sources_data
        known = {
            name: origin
            for source, origin in _SOURCES.items()
            for name in told.get(source, {})
            if name in self.settings_cls.model_fields
        }
        return {ORIGINS: known}
