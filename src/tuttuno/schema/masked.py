"""How an identifier is shown to somebody who has not asked for it: recognisable, not usable."""

from tuttuno.vocab import IdentifierType

_DOTS = "•••"
_TAIL = 3


def masked(kind: IdentifierType, value: str) -> str:
    """Hide most of an identifier; whoever knows it recognises it, nobody can use it.

    >>> masked(IdentifierType.EMAIL, "anna.rossi@example.it")
    'a•••@example.it'
    >>> masked(IdentifierType.PHONE, "+393331234567")
    '•••567'
    >>> masked(IdentifierType.LOYALTY_CARD, "12")
    '•••'
    """
    if kind is IdentifierType.EMAIL:
        name, _, domain = value.partition("@")
        return f"{name[:1]}{_DOTS}@{domain}"
    return _DOTS + (value[-_TAIL:] if len(value) > 2 * _TAIL else "")
