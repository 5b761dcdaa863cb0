"""Makes the JSON Schema of a Cloud Run service from Google's discovery document of the Cloud Run Admin API v1.

`python -m scripts.cloud_run_schema RUN.V1.JSON` writes tools/inside/shipping/cloud_run.json. The document comes with the
package google-api-python-client (Apache-2.0), as googleapiclient/discovery_cache/documents/run.v1.json.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

OUT = Path(__file__).parents[1] / "tools" / "inside" / "shipping" / "cloud_run.json"
ROOT = "Service"
OF_THE_SERVER = {"Service": ("status",), "ObjectMeta": ("creationTimestamp", "deletionTimestamp", "uid", "selfLink")}
"""What only answers of the API hold."""
CONSTANTS = {"apiVersion": "serving.knative.dev/v1", "kind": "Service"}
REQUIRED = {
    "Service": ("apiVersion", "kind", "metadata", "spec"), "ServiceSpec": ("template",), "RevisionTemplate": ("spec",),
    "RevisionSpec": ("containers",), "Container": ("image",), "EnvVar": ("name",), "ContainerPort": ("containerPort",),
}  # fmt: skip
"""Members without which there is no service; the document marks none."""
KEPT = ("type", "items", "additionalProperties", "enum", "properties", "$ref")


def convert(document: dict[str, Any]) -> dict[str, Any]:
    """The schema of a service and of all that it refers to; members that the API does not know are refused."""
    found: dict[str, Any] = {}
    waiting = [ROOT]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _type(name, document["schemas"][name])
            waiting += re.findall(r'"#/\$defs/(\w+)"', json.dumps(found[name]))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": (
            f"Cloud Run Admin API v1, revision {document['revision']}, from Google's discovery document "
            "(Copyright Google LLC, Apache License 2.0), shortened to a service by scripts/cloud_run_schema.py"
        ),
        "$ref": f"#/$defs/{ROOT}",
        "$defs": dict(sorted(found.items())),
    }


def _type(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    made = {key: _part(value) for key, value in schema.items() if key in KEPT}
    if "properties" not in schema:
        return made
    members = {
        key: {"const": CONSTANTS[key]} if name == ROOT and key in CONSTANTS else _member(value)
        for key, value in schema["properties"].items()
        if key not in OF_THE_SERVER.get(name, ())
    }
    required = {"required": list(REQUIRED[name])} if name in REQUIRED else {}
    return {"type": "object", "properties": members, "additionalProperties": False, **required}


def _member(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: _part(value) for key, value in schema.items() if key in KEPT}


def _part(value: Any) -> Any:
    if isinstance(value, dict):
        return _member(value)
    return f"#/$defs/{value}" if isinstance(value, str) and value[:1].isupper() else value


def main() -> int:
    document = json.loads(Path(sys.argv[1]).read_text())
    OUT.write_text(json.dumps(convert(document), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
