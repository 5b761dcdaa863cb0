from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db.models import Tag


class NameTaken(Exception):
    pass


class StillUsed(Exception):
    pass


def page(session: Session, limit: int, offset: int) -> tuple[Sequence[Tag], int]:
    total = session.scalar(select(func.count()).select_from(Tag)) or 0
    return session.scalars(select(Tag).order_by(Tag.id).limit(limit).offset(offset)).all(), total


def save(session: Session, tag: Tag) -> Tag:
    session.add(tag)
    try:
        session.commit()
    except IntegrityError as error:
        session.rollback()
        raise NameTaken from error
    return tag


def remove(session: Session, tag: Tag) -> None:
    session.delete(tag)
    try:
        session.commit()
    except IntegrityError as error:
        session.rollback()
        raise StillUsed from error
