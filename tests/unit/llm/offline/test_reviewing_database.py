"""The offline reviewer follows rows: queries per row, lists without an end, rows that are not there."""

import pytest

from tests.unit.llm.offline.review_samples import API, BASE, SERVICE, api, bodies, said, service


@pytest.mark.parametrize("body", bodies("per_row"))
def test_a_query_for_every_row_is_found(body: str) -> None:
    assert any("N+1" in line for line in said(service(body))), said(service(body))


@pytest.mark.parametrize("body", bodies("one_query"))
def test_one_query_for_all_rows_is_fine(body: str) -> None:
    assert said(service(body)) == []


def test_a_commit_for_every_row_is_found() -> None:
    body = "def f(db: Session, names: list[str]):\n    for name in names:\n        db.add(Tag(name=name))\n        db.commit()"
    assert [line for line in said(service(body)) if "commit() runs for every row" in line] == [
        f"{SERVICE}:11 commit() runs for every row of the loop: do it once, after the loop"
    ]


def test_the_finding_stands_where_the_rows_come_from_and_says_where_they_are_touched() -> None:
    body = """
def page(db: Session, me: User) -> list[Note]:
    return list(db.scalars(select(Note).where(Note.owner_id == me.id).limit(9)))
"""
    route = """
        @router.get("")
        def list_notes(db: Db, me: Me) -> list[dict]:
            return [{"tags": note.tag_ids} for note in service.page(db, me)]
    """
    (finding,) = said(service(body) | api(route))
    assert finding.startswith(
        f"{SERVICE}:10 N+1: `tag_ids` of Note is loaded with a query for every row (touched at {API}:"
    )
    assert "selectinload(Note.tags)" in finding


@pytest.mark.parametrize("answer", ["-> TaggedPage", "-> list[NoteWithTags]"])
def test_a_schema_that_reads_a_lazy_attribute_of_every_row_is_found(answer: str) -> None:
    route = f"""
        @router.get("")
        def list_notes(db: Db, me: Me, limit: Annotated[int, Query(ge=1, le=100)] = 20) {answer}:
            return db.scalars(select(Note).where(Note.owner_id == me.id).limit(limit)).all()
    """
    assert any("N+1: `tag_ids` of Note" in line for line in said(api(route)))
    assert said(api(route.replace("select(Note)", "select(Note).options(selectinload(Note.tags))"))) == []


@pytest.mark.parametrize("body", bodies("no_end"))
def test_a_whole_table_that_is_read_is_found(body: str) -> None:
    assert any("missing limit" in line for line in said(service(body))), said(service(body))


@pytest.mark.parametrize("body", bodies("with_end"))
def test_bounded_and_aggregating_statements_are_fine(body: str) -> None:
    assert said(service(body)) == []


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        ("limit: int = 20", True),
        ("limit: Annotated[int, Query(ge=1)] = 20", True),
        ("limit: int = Query(20, ge=1)", True),
        ("limit: Annotated[int, Query(ge=1, le=100)] = 20", False),
        ("limit: int = Query(20, ge=1, le=100)", False),
        ("limit: Limit = 20", False),
        ("query: Annotated[Free, Query()]", True),
        ("query: Annotated[Bounded, Query()]", False),
    ],
)
def test_a_limit_needs_an_upper_bound(limit: str, found: bool) -> None:
    name = "query.limit" if limit.startswith("query") else "limit"
    route = f"""
        from pydantic import BaseModel, Field
        Limit = Annotated[int, Query(ge=1, le=100)]
        class Free(BaseModel):
            limit: int = 20
        class Bounded(BaseModel):
            limit: int = Field(20, le=100)
        @router.get("")
        def list_notes(db: Db, me: Me, {limit}) -> NotePage:
            rows = db.scalars(select(Note).where(Note.owner_id == me.id).limit({name})).all()
            return NotePage(items=rows, total=0)
    """
    assert bool(said(api(route))) is found
    assert said(api(route.replace(f"limit({name})", f"limit(min({name}, 100))"))) == []


@pytest.mark.parametrize("body", bodies("not_there"))
def test_a_row_that_may_not_be_there_is_found(body: str) -> None:
    assert any("404 is missing" in line for line in said(api(body))), said(api(body))


@pytest.mark.parametrize("body", bodies("checked"))
def test_a_row_that_is_asked_for_first_is_fine(body: str) -> None:
    assert said(api(body)) == []


def test_a_route_that_is_silent_about_a_missing_row_is_found() -> None:
    route = """
        @router.delete("/{note_id}", status_code=204)
        def delete_note(db: Db, me: Me, note_id: int) -> None:
            note = db.scalar(select(Note).where(Note.id == note_id, Note.owner_id == me.id))
            if note is None:
                return
            db.delete(note)
            db.commit()
    """
    assert any("`note` is None the route answers as if all were well" in line for line in said(api(route)))
    assert said(api(route.replace("return\n", "raise HTTPException(404)\n"))) == []


def test_a_route_that_can_never_answer_404_is_found() -> None:
    route = """
        from sqlalchemy import delete
        @router.delete("/{note_id}", status_code=204)
        def delete_note(db: Db, me: Me, note_id: int) -> None:
            done = db.execute(delete(Note).where(Note.id == note_id, Note.owner_id == me.id))
            db.commit()
    """
    assert any("404 is missing: DELETE /api/notes/{note_id} promises it" in line for line in said(api(route)))
    assert (
        said(
            api(route.replace("db.commit()", "db.commit()\n            if not done.rowcount: raise HTTPException(404)"))
        )
        == []
    )


def test_errors_of_the_application_that_a_handler_answers_with_404_count() -> None:
    files = {
        "backend/app/errors.py": """
            from fastapi.responses import JSONResponse
            class Nothing(Exception):
                pass
            def install(app):
                @app.exception_handler(Nothing)
                def answer(request, error):
                    return JSONResponse({"detail": "no"}, 404)
        """
    }
    route = """
        from app.errors import Nothing
        @router.get("/{note_id}")
        def read_note(db: Db, me: Me, note_id: int) -> NoteRead:
            note = db.scalar(select(Note).where(Note.id == note_id, Note.owner_id == me.id))
            if note is None:
                raise Nothing
            return note
    """
    assert said(api(route) | files) == []


def test_a_page_without_a_limit_is_named_where_its_statement_runs() -> None:
    body = """
def run(db: Session, statement: Any) -> Any:
    return db.scalars(statement.order_by(Tag.id)).all()
def tags(db: Session) -> Any:
    return run(db, select(Tag)), db.scalar(select(func.count()).select_from(Tag))
"""
    (finding,) = said(service(body))
    assert finding.startswith(f"{SERVICE}:10 missing limit: the whole table is read at once")


def test_the_base_of_these_tests_is_clean() -> None:
    assert said(BASE) == []
