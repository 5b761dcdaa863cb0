import secrets

from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    database_url: str = "sqlite:///./app.db"
    secret_key: str = Field(default_factory=lambda: secrets.token_urlsafe(32))
    access_token_minutes: int = 60
    cors_origins: str = ""
    frontend_dist: str = ""


settings = Settings()
