"""Data of buttons, sums that are suggested, and addresses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tasks import Interrupt, InterruptKind
from telegram_bot.addressing import Address, address_of, read_address, short_id
from telegram_bot.buttons import MAX_DATA_BYTES, Tap, Verb, question_buttons, read_tap, suggested_cents
from tests.unit.telegram_bot.commands import digest_of

TASK = "0123456789abcdef"
USD = st.floats(min_value=0, max_value=1_000_000)
ADDRESSES = st.builds(
    Address,
    st.text("0123456789abcdefXYZ", min_size=1, max_size=32),
    st.sampled_from(["", "0123456789"]),
    st.sampled_from(["", "feedback", "hint"]),
)


def asked(kind: InterruptKind, payload: dict[str, Any]) -> Interrupt:
    return Interrupt(
        interrupt_id=f"{TASK}-0123456789ab", task_id=TASK, kind=kind, prompt="p", payload=payload,
        digest=digest_of("p"), created_at=1.0,
    )  # fmt: skip


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("cents", [None, 100_000_000])
def test_data_fits_and_comes_back_as_it_was(verb: Verb, cents: int | None) -> None:
    tap = Tap(verb, Address(TASK, short_id("q")), digest_of("x")[:8], cents)
    assert len(tap.data().encode()) <= MAX_DATA_BYTES
    assert read_tap(tap.data()) == tap
    assert read_tap(Tap(verb, Address(TASK)).data()) == Tap(verb, Address(TASK))


def test_data_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        Tap(Verb.RAISE, Address("a" * 50, short_id("q")), "0" * 8, 1).data()


@given(st.text(max_size=70))
def test_foreign_data_is_never_read_as_more_than_it_is(data: str) -> None:
    tap = read_tap(data)
    assert tap is None or tap.data() == data


@given(USD, USD, USD, USD, st.none() | USD)
def test_sums_that_are_suggested_are_above_the_cap_and_let_it_go_on(
    cap: float, spent: float, reserved: float, needed: float, high: float | None
) -> None:
    usd = None if high is None else {"low": 0.0, "expected": high / 2, "high": high}
    payload: dict[str, Any] = {
        "cap_usd": cap, "spent_usd": spent, "reserved_usd": reserved, "needed_usd": needed, "rest": {"usd": usd},
    }  # fmt: skip
    sums = suggested_cents(payload)
    assert list(sums) == sorted(set(sums))
    assert len(sums) <= 3
    assert all(cents > cap * 100 and cents <= 100_000_000 for cents in sums)
    if sums and sums[0] < 100_000_000:
        assert sums[0] / 100 >= spent + reserved + needed
    keyboard = question_buttons(asked(InterruptKind.BUDGET, {**payload, "actions": ["raise_budget", "abort"]}))
    assert [row[0].text for row in keyboard.inline_keyboard][-1] == "Abort"
    assert len(keyboard.inline_keyboard) == len(sums) + 1


@pytest.mark.parametrize("payload", [{}, {"cap_usd": "much", "rest": 3}, {"cap_usd": float("nan")}])
def test_a_payload_without_figures_still_has_buttons(payload: dict[str, Any]) -> None:
    labels = [row[0].text for row in question_buttons(asked(InterruptKind.BUDGET, payload)).inline_keyboard]
    assert labels == ["Raise to $0.05", "Abort"]


@given(ADDRESSES, st.text(max_size=50))
def test_an_address_is_read_from_the_last_line_alone(address: Address, above: str) -> None:
    foot = "".join(piece.text for piece in address.foot())
    assert read_address(f"{above}\n{foot}") == address
    assert read_address(f"{foot}\n{above}x") is None
    assert read_address(f"{above} {foot}") is None or not above.strip()


def test_questions_of_one_task_have_addresses_of_their_own() -> None:
    first = asked(InterruptKind.APPROVAL, {})
    second = first.model_copy(update={"interrupt_id": f"{TASK}-ba9876543210"})
    assert address_of(first) != address_of(second)
    assert address_of(first) == address_of(first.model_copy())
