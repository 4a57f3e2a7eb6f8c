"""Which sources send webhooks, how each of them signs, and where their secrets are."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tuttuno.errors import BadInput
from tuttuno.intake.secret import secret_at
from tuttuno.intake.section import BadMapping, Section
from tuttuno.tasks.ingest import mapping_for
from tuttuno.web.hooks.seals import NAMES, Forged, Names, Scheme, Seal, Writing, key_of

#: The key under a source that opens a door for it.
WEBHOOK = "webhook"

_KEYS = (
    "scheme", "secrets", "header", "id_header", "topic_header", "timestamp_header", "encoding",
    "prefix",
)  # fmt: skip

#: Secrets that may hold at once: the old one and the new one.
_MOST = 2
_SHORTEST = 8


def hooks(
    sources: Mapping[str, Mapping[str, Any]], root: Path, environ: Mapping[str, str]
) -> dict[str, Seal]:
    """Return how the deliveries of each source with a webhook are signed.

    Args:
        sources: As in `tuttuno.toml`.
        root: Of the project; files of secrets are below it.
        environ: Where secrets named `env:` are.

    Raises:
        BadMapping: A setting cannot be understood, or its secret stands in it in clear.
        BadInput: A secret is not where the settings say.
    """
    found = {}
    for name, declared in sources.items():
        if WEBHOOK in declared:
            section = Section(f"sources.{name}", declared)
            mapping = mapping_for(name, None, sources=sources)
            if mapping.documents is None or ".jsonl" not in mapping.documents.endings:
                raise BadMapping(section.at(WEBHOOK), "needs a `format` that reads JSON")
            found[name] = _seal(section.section(WEBHOOK), section.text("format"), root, environ)
    return found


def _seal(section: Section, format_: str, root: Path, environ: Mapping[str, str]) -> Seal:
    section.only(_KEYS)
    usual = Scheme(format_) if format_ in set(Scheme) else Scheme.HMAC
    scheme = section.word("scheme", Scheme, usual)
    names = NAMES.get(scheme)
    if names is None:
        names = Names(
            signature=section.text("header", "X-Signature").lower(),
            message=section.text("id_header").lower(),
            topic=section.text("topic_header").lower(),
            moment=section.text("timestamp_header").lower(),
        )
    return Seal(
        scheme,
        _secrets(section, scheme, root, environ),
        replace(names),
        writing=section.word("encoding", Writing, Writing.BASE64),
        prefix=section.text("prefix"),
    )


def _secrets(
    section: Section, scheme: Scheme, root: Path, environ: Mapping[str, str]
) -> tuple[bytes, ...]:
    places = section.texts("secrets")
    if not 0 < len(places) <= _MOST:
        hint = '`["env:SHOP_SECRET"]` or `["file:keys/shop.secret"]`'
        raise BadMapping(section.at("secrets"), f"must name one or {_MOST} secrets", hint=hint)
    return tuple(_secret(section, scheme, place, root, environ) for place in places)


def _secret(
    section: Section, scheme: Scheme, place: str, root: Path, environ: Mapping[str, str]
) -> bytes:
    try:
        key = key_of(scheme, secret_at(section, "secrets", place, root=root, environ=environ))
    except Forged as error:
        raise BadInput(f"{section.at('secrets')}: {place}: {error}") from error
    if len(key) < _SHORTEST:
        what = "holds nothing" if not key else f"is shorter than {_SHORTEST} signs"
        hint = "set it for the server, or write the sender's secret into it"
        raise BadInput(f"{section.at('secrets')}: {place} {what}", hint=hint)
    return key
