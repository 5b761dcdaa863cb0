from typing import Literal

from pydantic import BaseModel, EmailStr, Field

from app.schemas.common import CleanStr, In, Out


class UserCreate(In):
    email: EmailStr = Field(max_length=254)
    password: CleanStr = Field(min_length=8, max_length=128)


class Credentials(In):
    email: EmailStr = Field(max_length=254)
    password: CleanStr = Field(min_length=1, max_length=128)


class UserRead(Out):
    email: str


class Token(BaseModel):
    access_token: str
    token_type: Literal["bearer"] = "bearer"
