"""Figures in the formats of Prometheus. Imported by the first scrape, because the library is not needed before."""

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry

from core.models import CallTotals
from observability.counters import DELIVERY_BOUNDS_S, RUN_BOUNDS_S, Labels, Observed
from observability.metrics import Figures

OPENMETRICS = "application/openmetrics-text"
_CALL_LABELS = ("agent", "model", "outcome")


def write(figures: Figures, accept: str) -> tuple[bytes, str]:
    """(text, media type): OpenMetrics for those who ask for it, else the plain text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(figures))
    ProcessCollector(registry=registry)
    encode, media_type = choose_encoder(f"{OPENMETRICS}; version=1.0.0" if OPENMETRICS in accept else "")
    return encode(registry), media_type


class _Collected(Collector):
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        figures = self._figures
        yield _build_info(figures.version)
        yield _gauge("autonomy_tasks", "Tasks by status.", "status", figures.tasks.items())
        if figures.segments is not None:
            running, queued = figures.segments
            states = {"running": running, "queued": queued}
            yield _gauge("autonomy_segments", "Runs of tasks that the queue holds.", "state", states.items())
        yield _gauge(
            "autonomy_deliveries_waiting", "Notifications not delivered yet.", "channel", figures.deliveries.items()
        )
        yield GaugeMetricFamily(
            "autonomy_data_disk_free_bytes", "Room on the disk of the data directory.", value=figures.disk_free_bytes
        )
        yield from _money(figures)
        yield from _shipping(figures.shipping)
        yield from _calls(figures.calls)
        retries = CounterMetricFamily(
            "autonomy_model_retries", "Model calls that were tried again.", labels=("agent", "model")
        )
        for labels, count in figures.retries.items():
            retries.add_metric(labels, count)
        yield retries
        yield _histogram(
            "autonomy_sandbox_run_duration_seconds",
            "Runs in sandboxes, by how they ended.",
            ("toolchain", "outcome"),
            RUN_BOUNDS_S,
            figures.sandbox_runs,
        )
        yield _histogram(
            "autonomy_event_delivery_seconds",
            "Time from the making of an event, just before its commit, until a subscriber has it.",
            (),
            DELIVERY_BOUNDS_S,
            figures.event_delivery or {(): Observed((0,) * (len(DELIVERY_BOUNDS_S) + 1), 0.0)},
        )


def _money(figures: Figures) -> Iterator[Metric]:
    day = figures.day
    money = {"cap": day.cap_usd, "spent": day.spent_usd, "reserved": day.reserved_usd}
    yield _gauge(
        "autonomy_day_budget_usd",
        "Money of all tasks of this day; without a cap there is no value for it.",
        "state",
        [(state, usd) for state, usd in money.items() if usd is not None],
    )
    yield GaugeMetricFamily(
        "autonomy_accounts_closed",
        "Accounts that a provider has overrun, until a person has spoken.",
        value=figures.closed_accounts,
    )


def _shipping(waiting: Mapping[tuple[str, ...], int]) -> Iterator[Metric]:
    """Nothing where nothing is shipped."""
    if not waiting:
        return
    rows = GaugeMetricFamily(
        "autonomy_analytics_rows",
        "Rows of the local log that BigQuery does not have.",
        labels=("kind", "state"),
    )
    for labels, count in waiting.items():
        rows.add_metric(labels, count)
    yield rows


def _build_info(version: str) -> Metric:
    info = GaugeMetricFamily("autonomy_build_info", "Always 1; the labels say what runs.", labels=("version", "python"))
    info.add_metric((version, platform.python_version()), 1)
    return info


def _gauge(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=(label,))
    for value, count in values:
        gauge.add_metric((value,), count)
    return gauge


def _calls(totals: Sequence[CallTotals]) -> Iterator[Metric]:
    calls = CounterMetricFamily("autonomy_model_calls", "Model calls that were logged.", labels=_CALL_LABELS)
    seconds = CounterMetricFamily("autonomy_model_call_seconds", "Time spent in model calls.", labels=_CALL_LABELS)
    cost = CounterMetricFamily("autonomy_model_cost_usd", "What model calls cost, in USD.", labels=_CALL_LABELS)
    tokens = CounterMetricFamily(
        "autonomy_model_tokens",
        "Tokens of model calls; cached ones are part of the input.",
        labels=(*_CALL_LABELS, "type"),
    )
    for sums in totals:
        labels = (sums.agent.value, sums.model, "success" if sums.success else "failure")
        calls.add_metric(labels, sums.calls)
        seconds.add_metric(labels, sums.seconds)
        cost.add_metric(labels, sums.cost_usd)
        for kind in ("input", "output", "cache_read", "cache_write"):
            tokens.add_metric((*labels, kind), getattr(sums, f"{kind}_tokens"))
    yield from (calls, seconds, cost, tokens)


def _histogram(
    name: str, text: str, names: Sequence[str], bounds: Sequence[float], observed: Mapping[Labels, Observed]
) -> Metric:
    histogram = HistogramMetricFamily(name, text, labels=names)
    for labels, each in observed.items():
        names_of_bounds = (*map(str, bounds), "+Inf")
        histogram.add_metric(labels, list(zip(names_of_bounds, accumulate(each.counts), strict=True)), each.total)
    return histogram
