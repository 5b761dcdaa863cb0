"""Names of the offline models, and the options of the apprentice."""

import pytest

from core.offline_models import ApprenticeOptions, apprentice_options, fault_in_offline_name


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("offline/apprentice", ApprenticeOptions(0, 0.1)),
        ("offline/apprentice?seed=7&rate=0.15", ApprenticeOptions(7, 0.15)),
        ("offline/apprentice?rate=0&price=0.01", ApprenticeOptions(0, 0.0)),
        ("offline/apprentice?seed=-3&rate=1", ApprenticeOptions(-3, 1.0)),
        ("offline/scaffold?seed=x", None),
    ],
)
def test_options_are_read_off_the_name(model: str, options: ApprenticeOptions | None) -> None:
    assert apprentice_options(model) == options
    assert fault_in_offline_name(model) == ""


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("offline/apprentice?rate=1.01", "rate must be a number from 0 to 1, got '1.01'"),
        ("offline/apprentice?rate=-0.1", "rate must be"),
        ("offline/apprentice?rate=nan", "rate must be"),
        ("offline/apprentice?rate=", "rate must be a number from 0 to 1, got ''"),
        ("offline/apprentice?seed=1.5", "seed must be a whole number of at most 18 characters, got '1.5'"),
        ("offline/apprentice?seed=", "seed must be"),
        ("offline/apprentice?seed=²", "seed must be"),
        ("offline/apprentice?seed=1234567890123456789", "seed must be"),
        ("offline/apprentice?fault=n_plus_one", "fault is an option of offline/scaffold"),
        ("offline/master", "the offline models are offline/scaffold and offline/apprentice"),
    ],
)
def test_what_is_wrong_with_a_name_says_the_option_and_its_limits(model: str, said: str) -> None:
    assert said in fault_in_offline_name(model)
