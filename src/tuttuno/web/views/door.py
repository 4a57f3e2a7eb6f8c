"""Signing in and out, and the two switches that anybody has: language and theme."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tuttuno.web.door import TooManyTries, WrongPassword
from tuttuno.web.gate import cookie_name, set_session
from tuttuno.web.locale import LANGUAGES
from tuttuno.web.page import THEMES, house, local, page
from tuttuno.web.permissions import PUBLIC, requires

ROUTER = APIRouter(include_in_schema=False)

_YEAR = 365 * 24 * 3600


@ROUTER.get("/login")
@requires(PUBLIC)
def login_page(request: Request, next: str = "/") -> Response:
    """Show the door, or the page behind it to who is in already."""
    if request.state.viewer is not None:
        return RedirectResponse(local(next), status_code=303)
    return page(request, "login.html", next=local(next), error="", login="")


@ROUTER.post("/login")
@requires(PUBLIC)
def login(
    request: Request,
    login: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Let a reader in under a fresh session id, whatever the browser brought."""
    address = request.client.host if request.client else "unknown"
    try:
        secret = house(request).door.enter(login, password, address=address)
    except (WrongPassword, TooManyTries) as refused:
        late = isinstance(refused, TooManyTries)
        error = "closed" if late else "wrong"
        status = 429 if late else 401
        shown = page(
            request, "login.html", status=status, next=local(next), error=error, login=login
        )
        if late:
            shown.headers["retry-after"] = "900"
        return shown
    response = RedirectResponse(local(next), status_code=303)
    set_session(request, response, secret)
    return response


@ROUTER.post("/logout")
@requires(PUBLIC)
def logout(request: Request) -> Response:
    """End the session of this browser."""
    if request.state.viewer is not None:
        house(request).door.leave(request.state.viewer)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(cookie_name(request), path="/")
    response.headers["clear-site-data"] = '"cache"'
    return response


@ROUTER.post("/preferences")
@requires(PUBLIC)
def preferences(
    request: Request,
    language: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Remember a language or a theme in this browser and return to the same page."""
    response = RedirectResponse(local(back), status_code=303)
    for name, value, known in (("language", language, LANGUAGES), ("theme", theme, THEMES)):
        if value in known:
            secure = request.url.scheme == "https"
            response.set_cookie(name, value, max_age=_YEAR, samesite="lax", secure=secure)
    return response
