"""What OpenTelemetry's variables mean here."""

import pytest
from pydantic import ValidationError

from tests.unit.config.test_settings import settings

COLLECTOR = "http://collector:4318"


@pytest.mark.parametrize(
    ("values", "to"),
    [
        ({}, None),
        ({"otel_exporter_otlp_endpoint": COLLECTOR}, "otlp"),
        ({"otel_exporter_otlp_traces_endpoint": f"{COLLECTOR}/custom"}, "otlp"),
        ({"otel_traces_exporter": "otlp"}, "otlp"),
        ({"otel_traces_exporter": "console"}, "console"),
        ({"otel_traces_exporter": "none", "otel_exporter_otlp_endpoint": COLLECTOR}, None),
        ({"otel_sdk_disabled": True, "otel_exporter_otlp_endpoint": COLLECTOR}, None),
        ({"otel_sdk_disabled": True, "otel_traces_exporter": "console"}, None),
    ],
)
def test_spans_go_where_the_variables_say_and_nowhere_without_them(values: dict[str, object], to: str | None) -> None:
    assert settings(**values).spans_to == to


def test_the_address_for_spans_is_the_collectors_with_their_path_unless_it_is_given_whole() -> None:
    assert settings().spans_endpoint is None
    assert settings(otel_exporter_otlp_endpoint=COLLECTOR).spans_endpoint == f"{COLLECTOR}/v1/traces"
    assert settings(otel_exporter_otlp_endpoint=f"{COLLECTOR}/a/").spans_endpoint == f"{COLLECTOR}/a/v1/traces"
    whole = settings(otel_exporter_otlp_endpoint=COLLECTOR, otel_exporter_otlp_traces_endpoint="https://other/x")
    assert whole.spans_endpoint == "https://other/x"


@pytest.mark.parametrize("name", ["otel_exporter_otlp_protocol", "otel_exporter_otlp_traces_protocol"])
def test_another_protocol_is_refused_by_its_name_with_what_to_set(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name.upper()}=grpc.*http/protobuf.*4318"):
        settings(**{name: "grpc", "otel_traces_exporter": "otlp"})
    assert settings(**{name: "grpc"}).spans_to is None, "nothing is sent, so it does not matter how"


@pytest.mark.parametrize(
    "address", ["collector:4318", "grpc://collector:4317", "http://user:canary@collector", "http://"]
)
def test_an_address_that_cannot_be_sent_to_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ValidationError, match="http://") as caught:
        settings(otel_exporter_otlp_endpoint=address)
    assert "canary" not in str(caught.value)


def test_a_setting_that_is_refused_shows_no_key() -> None:
    with pytest.raises(ValidationError) as caught:
        settings(api_key="canary", llm_retry_base_delay=90)
    assert "canary" not in str(caught.value)
