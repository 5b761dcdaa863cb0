"""What may enter a workspace: paths, collisions, sizes and contents."""

import pytest

from core.workspaces import MAX_FILE_BYTES, MAX_FILES, Author, Change
from workspace.guard import Admitted, admit

AUTHOR = Author(name="planner", email="planner@autonomy.invalid")


def attempt(files: dict[str, str], *deletes: str, existing: tuple[str, ...] = ()) -> Admitted:
    return admit(existing, Change(author=AUTHOR, message="m", files=files, deletes=deletes))


def reason(path: str, content: str = "x", *, existing: tuple[str, ...] = ()) -> str:
    admitted = attempt({path: content, "other.txt": "kept"}, existing=existing)
    assert set(admitted.files) == {"other.txt"}
    (refused,) = admitted.refused
    return refused.reason


@pytest.mark.parametrize(
    "path",
    [
        "",
        " a",
        "/etc/passwd",
        "C:/windows",
        "../a",
        "a/../../b",
        "./a",
        "a//b",
        "a/",
        "a\\b",
        ".git/config",
        ".GIT/hooks/pre-commit",
        "sub/.git/config",
        "git~1/config",
        ".gi\u200ct/config",
        "CON",
        "aux.py",
        "a./b",
        "a /b",
        "a\nb",
        "a\0b",
        "a\u202eb",
        "cafe\u0301",
        "x" * 241,
        "a/" * 16 + "b",
        "\ud800",
        "what?",
    ],
)
def test_a_path_that_does_not_mean_the_same_everywhere_is_refused(path: str) -> None:
    assert reason(path)


@pytest.mark.parametrize("path", [".gitmodules", "sub/.GitModules", "gitmod~1", "GI7EBA~1"])
def test_a_file_that_would_declare_submodules_is_refused(path: str) -> None:
    assert "submodules" in reason(path)


def test_a_name_longer_than_file_systems_take_is_refused() -> None:
    assert "255 bytes" in reason("ü" * 130)


@pytest.mark.parametrize(
    ("existing", "path"), [("App.py", "app.py"), ("src/App/x.py", "src/app/y.py"), ("straße.txt", "STRASSE.txt")]
)
def test_a_path_that_differs_only_in_case_from_one_that_is_there_is_refused(existing: str, path: str) -> None:
    assert "letter case" in reason(path, existing=(existing,))


def test_of_two_new_paths_that_differ_only_in_case_the_first_is_kept() -> None:
    admitted = attempt({"App.py": "1", "app.py": "2"})
    assert set(admitted.files) == {"App.py"}
    assert [refused.path for refused in admitted.refused] == ["app.py"]


def test_a_file_may_change_the_case_of_its_name_when_the_old_one_is_deleted() -> None:
    assert set(attempt({"app.py": "2"}, "App.py", existing=("App.py",)).files) == {"app.py"}


def test_a_file_inside_a_file_is_refused() -> None:
    assert "`a` is a file" in reason("a/b", existing=("a",))


def test_a_file_in_place_of_a_folder_is_refused() -> None:
    assert "is a folder" in reason("a", existing=("a/b",))


def test_a_file_becomes_a_folder_when_it_is_deleted_in_the_same_change() -> None:
    admitted = attempt({"a/b": "x"}, "a", existing=("a",))
    assert set(admitted.files) == {"a/b"}
    assert admitted.deletes == ("a",)


def test_a_path_that_is_written_and_deleted_is_written() -> None:
    admitted = attempt({"a": "x"}, "a", existing=("a",))
    assert set(admitted.files) == {"a"}
    assert admitted.deletes == ()


def test_a_bad_path_cannot_be_deleted() -> None:
    admitted = attempt({}, "../a", "b")
    assert admitted.deletes == ("b",)
    assert [refused.path for refused in admitted.refused] == ["../a"]


@pytest.mark.parametrize(
    ("content", "said"), [("a\0b", "binary"), ("a\ud800b", "character 1"), ("x" * (MAX_FILE_BYTES + 1), "larger than")]
)
def test_what_is_not_text_or_too_large_is_refused(content: str, said: str) -> None:
    assert said in reason("a.txt", content)


def test_the_largest_file_is_admitted_and_size_counts_bytes() -> None:
    assert attempt({"a.txt": "ü" * (MAX_FILE_BYTES // 2)}).refused == ()
    assert "larger than" in reason("a.txt", "ü" * (MAX_FILE_BYTES // 2 + 1))


def test_attributes_with_a_line_that_git_refuses_are_refused() -> None:
    assert "line of 2048 bytes" in reason(".gitattributes", "# " + "x" * 2046)
    assert attempt({".gitattributes": "# " + "x" * 2045 + "\n*.py text\n"}).refused == ()


def test_no_more_files_than_the_limit_but_those_there_may_be_changed() -> None:
    existing = tuple(f"file{number}" for number in range(MAX_FILES))
    assert "at most" in reason("one-more", existing=(*existing[:-1], "other.txt"))
    assert attempt({"file7": "new"}, existing=existing).refused == ()
    assert attempt({"new": "x"}, "file7", existing=existing).refused == ()


def test_a_refused_path_is_shown_printable_and_short() -> None:
    (refused,) = attempt({"\ud800" + "x" * 5000: "x"}).refused
    assert refused.path.startswith("\\ud800xxx")
    assert len(refused.path) < 300
    assert len(refused.reason) < 300
    refused.model_dump_json().encode()
