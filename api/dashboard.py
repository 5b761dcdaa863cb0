"""Serves the built dashboard at /ui: static files that hold no data, so that no key is asked for."""

import hashlib
import os
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import NotModifiedResponse, PathLike, StaticFiles
from starlette.types import Scope

PATH = "/ui"
INDEX = "index.html"
ASSETS = "assets"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
FOREVER = "public, max-age=31536000, immutable"
LEAST_COMPRESSED = 1000
"""Bytes; below that it saves nothing."""
COMPRESSION = 6
"""Of zlib's levels; 9 takes three times as long for one hundredth less."""
NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Autonomy: the dashboard is not built</title></head>
<body style="font-family: sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em; line-height: 1.5">
<h1>The dashboard is not built</h1>
<p>The service runs, but this checkout lacks the folder <code>dashboard/dist</code>. Run <code>make dashboard</code> in it
and load this page again; the service need not be restarted.</p>
<p>Until then: <a href="/docs">the API</a>, and <code>./autonomy</code> in the terminal.</p>
</body>
</html>
"""


def add_dashboard(app: FastAPI, dist: Path) -> None:
    """Serve what is in `dist` at /ui, compressed, and lead / there. `dist` may be missing and may be built later."""
    app.mount(PATH, GZipMiddleware(DashboardFiles(dist), LEAST_COMPRESSED, COMPRESSION), name="dashboard")

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    @app.api_route(PATH, methods=["GET", "HEAD"], include_in_schema=False)
    async def lead_there() -> RedirectResponse:
        return RedirectResponse(f"{PATH}/")  # without a host: a proxy in front may have another


class DashboardFiles(StaticFiles):
    """The files of the build. Any other address that a person opens is a page of the application: its index."""

    def __init__(self, dist: Path) -> None:
        super().__init__(directory=dist, check_dir=False)
        self.config_checked = True  # a missing folder is no error: whoever comes is told what to do about it

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Raises HTTPException: 404 for a file that is missing, 405 for other methods than GET and HEAD."""
        home = path == os.curdir
        try:
            return await super().get_response(INDEX if home else path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not (home or _opens_page(path, scope)):
                raise
        try:
            return await super().get_response(INDEX, scope)
        except HTTPException as error:
            if error.status_code != 404:
                raise
        return HTMLResponse(NOT_BUILT, 503, {"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file. Assets have their content in their name and are kept for ever; the others are asked for each time."""
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        if Path(full_path).parent.name == ASSETS:
            headers["Cache-Control"] = FOREVER
        else:
            headers |= {"Cache-Control": "no-cache", "ETag": _content_tag(Path(full_path))}
        response = FileResponse(full_path, status_code, headers, stat_result=stat_result)
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response


def _opens_page(path: str, scope: Scope) -> bool:
    """Whether a browser asks for something to show, and not for a part of it."""
    return Path(path).parts[0] != ASSETS and "text/html" in Headers(scope=scope).get("accept", "")


def _content_tag(path: Path) -> str:
    """By what is in it: two builds' files may well have one time and one size, where images are made reproducibly."""
    return f'"{hashlib.sha256(path.read_bytes()).hexdigest()[:32]}"'
