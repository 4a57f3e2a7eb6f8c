"""Who may see and do what: each handler names its permission on its first line.

A route that names none stops the app from being made, so nothing is ever open by
forgetting.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from starlette.routing import BaseRoute, Mount, Route

from tuttuno.errors import TuttunoError

#: For pages that anybody on the network may see: the door itself and the health checks.
PUBLIC: Final = "public"

#: Every permission there is, with what it lets people do.
PERMISSIONS: Mapping[str, str] = {
    "measures:read": "read measures, which never name a person",
    "people:read": "search people and open their cards",
    "people:reveal": "see contact details unmasked; each look is recorded",
    "people:steward": "decide which records are one person",
    "intake:read": "follow what came in and what is held back",
    "releases:read": "see which releases there are",
    "releases:write": "make another release the current one",
}

ROLES: Mapping[str, frozenset[str]] = {
    "admin": frozenset(PERMISSIONS),
    "analyst": frozenset({"measures:read", "intake:read", "releases:read"}),
}

_MARK = "__tuttuno_permission__"
_F = TypeVar("_F", bound=Callable[..., object])


class UndeclaredPermission(TuttunoError):
    """A route says nothing about who may call it."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(
            f"the route {path} declares no permission", hint="put @requires(...) on its handler"
        )


class Forbidden(TuttunoError):
    """The account may not do this."""

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(
            f"this account may not {PERMISSIONS.get(permission, permission)}",
            hint="ask an administrator for an account that may",
        )


def requires(permission: str) -> Callable[[_F], _F]:
    """Declare what a reader must be allowed to do before the handler runs."""
    if permission != PUBLIC and permission not in PERMISSIONS:
        raise UndeclaredPermission(permission)

    def mark(handler: _F) -> _F:
        setattr(handler, _MARK, permission)
        return handler

    return mark


def permission_of(handler: object) -> str | None:
    """Return the declared permission, or None when the handler declares none."""
    return getattr(handler, _MARK, None)


def check_routes(routes: Sequence[BaseRoute], *, open_mounts: frozenset[str]) -> None:
    """Refuse to go on when a route is silent, or a mount is not one of `open_mounts`."""
    for route in every_route(routes):
        if isinstance(route, Route):
            if permission_of(route.endpoint) is None:
                raise UndeclaredPermission(route.path)
        elif not (isinstance(route, Mount) and route.path in open_mounts):
            raise UndeclaredPermission(getattr(route, "path", repr(route)))


def every_route(routes: Sequence[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield the routes of an app, those of the routers it includes among them."""
    for route in routes:
        # FastAPI keeps an included router whole instead of copying its routes.
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from every_route(inner.routes)
