"""Whether a list takes one query per row: the same list is asked for a few rows and for many, and its SQL is counted."""

from .asgi import Answer
from .box import Report
from .walker import Entity, Impossible, Walker

FEW, MANY = 2, 12


def check_queries(walker: Walker, report: Report) -> None:
    """Note every list whose number of statements grows with its rows."""
    measured, report_of_walk = 0, walker.report
    walker.report = Report("rows")
    for entity in walker.entities.values():
        counts = _measure(walker, entity)
        if counts is None:
            continue
        measured += 1
        few, many = counts
        growth = len(many.queries.statements) - len(few.queries.statements)
        if growth >= (MANY - FEW) / 2:
            _note(walker, entity, few, many, report)
    walker.report = report_of_walk
    report.finish(f"{measured} lists measured with {FEW} and {MANY} rows")


def _measure(walker: Walker, entity: Entity) -> tuple[Answer, Answer] | None:
    operation = entity.list
    if operation is None or not any(one["name"] == "limit" for one in operation.parameters):
        return None
    try:
        for _ in range(MANY):
            walker.row(entity)
    except Impossible:
        return None
    few, many = (walker.call(operation, query={"limit": limit, "offset": 0}) for limit in (FEW, MANY))
    sizes = [len((answer.json() or {}).get("items", [])) if answer.status == 200 else 0 for answer in (few, many)]
    return (few, many) if sizes == [FEW, MANY] else None


def _note(walker: Walker, entity: Entity, few: Answer, many: Answer, report: Report) -> None:
    assert entity.list is not None
    statement, times = many.queries.repeated
    file, line = many.queries.places.get(statement) or walker.place(entity.list)
    report.add(
        f"N+1 queries in {entity.list.name}: {len(few.queries.statements)} SQL statements for {FEW} rows, "
        f"{len(many.queries.statements)} for {MANY}; load what the rows need with the rows (for example with selectinload)",
        file, line, category="n_plus_one", evidence=f"executed {times} times: {statement}",
    )  # fmt: skip
