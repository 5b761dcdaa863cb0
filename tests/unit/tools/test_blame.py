"""Whose fault a failed test is."""

from tools.blame import Exchange, Failure, blame


def failure(**values: object) -> Failure:
    given = {
        "test": "tests/test_notes.py::test_it", "when": "call", "type": "AssertionError", "message": "",
        "test_frame": ("backend/tests/test_notes.py", 12), **values,
    }  # fmt: skip
    return Failure.model_validate(given)


def exchange(status: int, **values: object) -> Exchange:
    given = {
        "operation": "GET /api/notes/{note_id}", "status": status, "documented": [200, 401, 404, 422],
        "file": "backend/app/api/notes.py", "line": 40, **values,
    }  # fmt: skip
    return Exchange.model_validate(given)


def test_a_test_that_expects_an_undocumented_status_is_at_fault() -> None:
    verdict = blame(failure(message="assert 404 == 418", exchanges=[exchange(404)]))
    assert verdict.in_test
    assert (verdict.file, verdict.line) == ("backend/tests/test_notes.py", 12)
    assert "expects 418" in verdict.reason


def test_a_test_that_expects_another_documented_status_points_at_the_source() -> None:
    verdict = blame(failure(message="assert 200 == 404", exchanges=[exchange(200)]))
    assert not verdict.in_test
    assert (verdict.file, verdict.line) == ("backend/app/api/notes.py", 40)


def test_an_answer_that_breaks_the_contract_points_at_the_source_whatever_the_test_says() -> None:
    broken = exchange(500, problem="answered 500, which the contract does not document")
    verdict = blame(failure(type="KeyError", message="'items'", exchanges=[broken]))
    assert not verdict.in_test
    assert "answered 500" in verdict.reason


def test_an_exception_of_the_application_is_placed_where_it_was_raised() -> None:
    verdict = blame(failure(type="ValueError", source_frame=("backend/app/services/notes.py", 7)))
    assert (verdict.file, verdict.line, verdict.in_test) == ("backend/app/services/notes.py", 7, False)


def test_a_name_that_the_test_does_not_define_is_its_own_fault() -> None:
    assert blame(failure(type="NameError", message="name 'clinet' is not defined", exchanges=[exchange(200)])).in_test


def test_a_test_that_stumbles_over_a_right_answer_is_at_fault() -> None:
    assert blame(failure(type="KeyError", message="'titel'", exchanges=[exchange(200)])).in_test


def test_a_syntax_error_in_a_test_is_the_tests() -> None:
    at = ("backend/tests/test_notes.py", 3)
    verdict = blame(failure(test="tests/test_notes.py", when="collect", type="SyntaxError", raised_at=at))
    assert (verdict.file, verdict.line, verdict.in_test) == (*at, True)


def test_an_import_error_of_the_application_during_collection_is_the_applications() -> None:
    at = ("backend/app/main.py", 3)
    verdict = blame(failure(test="tests/conftest.py", when="collect", type="ImportError", raised_at=at))
    assert (verdict.file, verdict.in_test) == ("backend/app/main.py", False)


def test_what_the_house_promises_to_tests_must_be_there() -> None:
    text = "cannot import name 'Base' from 'app.db.models'"
    verdict = blame(failure(test="tests/conftest.py", when="collect", type="ImportError", message=text))
    assert (verdict.file, verdict.in_test) == ("backend/app/db/models.py", False)
