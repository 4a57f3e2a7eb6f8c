"""What a reader sees when the answer is no: a page, or problem+json for a program."""

from typing import Any
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tuttuno.errors import BadInput, NotFound, TuttunoError, Unavailable
from tuttuno.tasks.open_release import NothingBuilt
from tuttuno.web.collect.routes import DOORS
from tuttuno.web.door import TooManyTries
from tuttuno.web.gate import NotFromHere, SignInFirst
from tuttuno.web.page import page
from tuttuno.web.permissions import Forbidden

#: The first family that fits; anything else is our fault.
_STATUS: tuple[tuple[type[TuttunoError], int, str], ...] = (
    (SignInFirst, 401, "sign-in"),
    (Forbidden, 403, "forbidden"),
    (NotFromHere, 403, "not-from-here"),
    (TooManyTries, 429, "too-many-tries"),
    (NothingBuilt, 404, "no-release"),
    (NotFound, 404, "gone"),
    (BadInput, 400, "refused"),
    (Unavailable, 503, "unavailable"),
)


def handlers() -> dict[int | type[Exception], Any]:
    """Return what answers each family of errors."""
    return {
        TuttunoError: refused,
        HTTPException: _http,
        RequestValidationError: _invalid,
        500: _fault,
    }


def problem(status: int, kind: str, title: str, detail: str = "") -> JSONResponse:
    """Return an RFC 9457 answer; `kind` is a word of ours that never changes."""
    body = {"type": f"urn:tuttuno:{kind}", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def refused(request: Request, error: TuttunoError) -> Response:
    """Return the answer to a request that met one of our errors."""
    status, kind = next(
        ((status, kind) for family, status, kind in _STATUS if isinstance(error, family)),
        (500, "fault"),
    )
    if kind == "sign-in" and not _for_program(request):
        return _to_the_door(request)
    response = _refuse(request, status, kind, what=error.what, hint=error.hint)
    if isinstance(error, TooManyTries):
        response.headers["retry-after"] = str(int(error.wait.total_seconds()))
    if status == 503:
        response.headers["retry-after"] = "30"
    return response


def _http(request: Request, error: HTTPException) -> Response:
    if getattr(request.state, "viewer", None) is None and error.status_code == 404:
        # A stranger learns nothing about which addresses exist.
        return refused(request, SignInFirst())
    kind = "gone" if error.status_code == 404 else "refused"
    what = "" if kind == "gone" else str(error.detail)
    return _refuse(request, error.status_code, kind, what=what)


def _invalid(request: Request, error: RequestValidationError) -> Response:
    said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return _refuse(request, 400, "refused", what=said)


def _fault(request: Request, _error: Exception) -> Response:
    return _refuse(request, 500, "fault", what="something in tuttuno broke")


def _refuse(request: Request, status: int, kind: str, *, what: str, hint: str = "") -> Response:
    if _for_program(request):
        return problem(status, kind, what, hint)
    return page(request, "refusal.html", status=status, kind=kind, what=what, hint=hint)


def _for_program(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/healthz", "/readyz", *DOORS))


def _to_the_door(request: Request) -> Response:
    back = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query:
        back += f"?{request.url.query}"
    address = f"/login?next={quote(back, safe='')}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"hx-redirect": address})
    return RedirectResponse(address, status_code=303)
