from typing import Annotated

from fastapi import Depends, HTTPException, Path
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from app.db.models import User
from app.db.session import get_session
from app.security import read_token

Database = Annotated[Session, Depends(get_session)]
RowId = Annotated[int, Path(ge=1, le=2147483647)]
bearer = HTTPBearer(auto_error=False)


def current_user(
    session: Database, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> User:
    user_id = read_token(credentials.credentials) if credentials else None
    user = session.get(User, user_id) if user_id is not None else None
    if user is None:
        raise HTTPException(401, "Sign in first", headers={"WWW-Authenticate": "Bearer"})
    return user


SignedIn = Annotated[User, Depends(current_user)]
