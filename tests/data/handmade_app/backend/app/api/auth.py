from fastapi import APIRouter, HTTPException

from app.api.deps import Database, SignedIn
from app.schemas.accounts import Credentials, Token, UserCreate, UserRead
from app.security import issue_token
from app.services import accounts

router = APIRouter(prefix="/api/auth", tags=["auth"])


@router.post("/register", status_code=201)
def register(body: UserCreate, session: Database) -> UserRead:
    try:
        return UserRead.model_validate(accounts.register(session, body.email, body.password))
    except accounts.EmailTaken:
        raise HTTPException(409, "That email is taken") from None


@router.post("/login")
def login(body: Credentials, session: Database) -> Token:
    user = accounts.authenticate(session, body.email, body.password)
    if user is None:
        raise HTTPException(401, "Wrong email or password")
    return Token(access_token=issue_token(user.id))


@router.get("/me")
def me(user: SignedIn) -> UserRead:
    return UserRead.model_validate(user)
