"""Finding a person and reading her card: both channels, one life, contact details masked.

What is searched for may be an e-mail or a card number, so it travels in the form and
never in an address, where logs and histories would keep it.
"""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tuttuno.identity.checkdigit import shown
from tuttuno.tasks.show_receipt import Sale
from tuttuno.web.best import because, detail, lives
from tuttuno.web.next_words import listed, looked_at, why_again, why_new
from tuttuno.web.page import house, page, speech
from tuttuno.web.permissions import requires
from tuttuno.web.person import apart, consent, facts, identifier, insights, own_key

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/people")
@requires("people:read")
def search_page(request: Request) -> Response:
    """Show the search."""
    return page(request, "people.html", asked="", found=None)


@ROUTER.post("/people")
@requires("people:read")
def search(request: Request, text: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Look for a person; the only one found is opened at once."""
    asked = text.strip()
    if not asked:
        return page(request, "people.html", asked="", found=None)
    found = house(request).desk.find(asked, actor=request.state.viewer.login)
    if len(found) == 1:
        return RedirectResponse(f"/people/{found[0].person_id}", status_code=303)
    return page(request, "people.html", asked=asked, found=found)


@ROUTER.get("/people/{person_id}")
@requires("people:read")
def card(request: Request, person_id: int) -> Response:
    """Show a card; an id that was merged away leads to the current one."""
    return _card(request, person_id, revealed=None)


@ROUTER.get("/people/{person_id}/receipts/{source}/{sale_id:path}")
@requires("people:read")
def receipt(
    request: Request, person_id: int, source: str, sale_id: str, month: str = ""
) -> Response:
    """Show one receipt of a person, line by line; the look is recorded."""
    voice = speech(request)
    actor = request.state.viewer.login
    sale = Sale(source, sale_id, month)
    found = house(request).desk.receipt(person_id, sale, actor=actor)
    return page(
        request,
        "receipt.html",
        receipt=found,
        shown_id=shown(found.person_id),
        title=voice.many(
            "%(count)s line, on %(day)s",
            "%(count)s lines, on %(day)s",
            len(found.lines),
            day=voice.day(found.day),
        ),
    )


@ROUTER.get("/people/{person_id}/why")
@requires("people:read")
def why(request: Request, person_id: int) -> Response:
    """Say why the records of a person are one; her card takes it from here."""
    voice = speech(request)
    return page(
        request,
        "person_why.html",
        person_id=person_id,
        shown_id=shown(person_id),
        why=house(request).desk.explain(person_id),
        identifier=partial(identifier, speech=voice),
        apart=partial(apart, speech=voice),
        own_key=partial(own_key, speech=voice),
    )


@ROUTER.get("/people/{person_id}/golden")
@requires("people:read")
def golden(request: Request, person_id: int) -> Response:
    """Show her best known details and where they come from; her card takes it from here."""
    voice, desk = speech(request), house(request).desk
    actor = request.state.viewer.login
    return page(
        request,
        "person_golden.html",
        golden=desk.golden(person_id, actor=actor),
        household=desk.household(person_id, actor=actor),
        lives=partial(lives, speech=voice),
        detail=partial(detail, speech=voice),
        because=partial(because, speech=voice),
    )


@ROUTER.get("/people/{person_id}/next")
@requires("people:read")
def suggest(request: Request, person_id: int) -> Response:
    """Show what she may buy next and what she only looked at; her card takes it from here."""
    voice, desk = speech(request), house(request).desk
    return page(
        request,
        "person_next.html",
        lists=desk.suggest(person_id, actor=request.state.viewer.login),
        why_again=partial(why_again, speech=voice),
        why_new=partial(why_new, speech=voice),
        looked_at=partial(looked_at, speech=voice),
        listed=partial(listed, speech=voice),
    )


@ROUTER.post("/people/{person_id}/reveal")
@requires("people:reveal")
def reveal(request: Request, person_id: int) -> Response:
    """Show the contact details in full, once; the look is in the audit log."""
    actor = request.state.viewer.login
    return _card(request, person_id, revealed=house(request).desk.reveal(person_id, actor=actor))


def _card(request: Request, person_id: int, *, revealed: object) -> Response:
    desk, voice = house(request).desk, speech(request)
    known = desk.card(person_id, actor=request.state.viewer.login)
    if known.person_id != person_id:
        return RedirectResponse(f"/people/{known.person_id}", status_code=303)
    return page(
        request,
        "person.html",
        card=known,
        revealed=revealed,
        insights=insights(known, voice),
        facts=facts(known, voice),
        consent=partial(consent, speech=voice),
        identifier=partial(identifier, speech=voice),
    )
