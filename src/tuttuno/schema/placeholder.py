"""What tills and forms hold where nothing was known: words that stand for no value at all.

A placeholder that passes as a value ties strangers together: one web site merged all its
visitors whose id was the word `undefined`. So they are turned away before anything compares.
"""

import re

#: Words that programs, tills and shop assistants write into a field they cannot fill.
WORDS = frozenset(
    {
        "0", "-", "--", ".", "?", "na", "n/a", "n.a.", "nd", "n.d.", "n/d", "nan", "nil",
        "null", "(null)", "none", "undefined", "[object object]", "[object]", "true", "false",
        "unknown", "anonymous", "anonimo", "guest", "ospite", "sconosciuto", "sconosciuta",
        "nessuno", "nessuna", "non disponibile", "not available", "empty", "vuoto", "test",
        "prova", "fake", "dummy", "asd", "xxx", "xxxx", "xxxxx", "example", "esempio",
    }
)  # fmt: skip

#: Local parts that are nobody's, at whatever provider.
MAILBOXES = WORDS | {
    "noreply", "no-reply", "no_reply", "no.reply", "donotreply", "do-not-reply", "nomail",
    "no-mail", "noemail", "no-email", "nonloso", "nonhomail", "mailer-daemon", "postmaster",
}  # fmt: skip

#: First labels of domains that forms are filled with when the customer gives no address.
DOMAINS = frozenset(
    {"test", "prova", "nomail", "noemail", "noreply", "no-reply", "none", "null", "undefined",
     "fake", "dummy", "asd", "xxx"}
)  # fmt: skip

#: Domains that stand for "an e-mail", with a local part that says no more: `email@email.it`.
_ECHOES = frozenset({"email", "mail", "posta", "a", "aa", "aaa", "x", "xx", "abc", "qwe", "qwerty"})

#: A regular expression that no dummy mailbox escapes; some that match are real all the same.
SUSPECT_MAILBOX = (
    "^(?:[0-]+|" + "|".join(re.escape(word) for word in sorted(MAILBOXES | _ECHOES)) + ")@"
    "|@(?:" + "|".join(re.escape(word) for word in sorted(DOMAINS)) + ")(?:[.]|$)"
)

_REPEATED = re.compile(r"([0-9A-Za-z])\1{3,}")
_COUNTED = frozenset({"12345", "123456", "1234567", "12345678", "123456789", "1234567890",
                      "0123456789", "987654321", "9876543210"})  # fmt: skip
_NIL = re.compile(r"[0-]+")

#: A regular expression, blind to case, that no placeholder and no dummy number escapes.
SUSPECT_CODE = (
    "^(?:[0-]+|"
    + "|".join(f"{sign}+" for sign in "123456789abcdefghijklmnopqrstuvwxyz")
    + "|"
    + "|".join(re.escape(word) for word in sorted(WORDS | _COUNTED))
    + ")$"
)


def is_placeholder(text: str) -> bool:
    """True where a trimmed value says that there is none.

    >>> is_placeholder("[object Object]"), is_placeholder("000000"), is_placeholder("10")
    (True, True, False)
    """
    return text.lower() in WORDS or _NIL.fullmatch(text) is not None


def is_dummy_number(text: str) -> bool:
    """True for a card or code that somebody drummed on the keys: one sign, or counting up.

    >>> is_dummy_number("9999999"), is_dummy_number("1234567890"), is_dummy_number("2901")
    (True, True, False)
    """
    return text in _COUNTED or _REPEATED.fullmatch(text) is not None


def is_dummy_mailbox(address: str) -> bool:
    """True for a lower-case address that reaches nobody in particular.

    >>> is_dummy_mailbox("test@test.it"), is_dummy_mailbox("noreply@shop.it")
    (True, True)
    >>> is_dummy_mailbox("rossi@rossi.it")
    False
    """
    local, _, domain = address.rpartition("@")
    first = domain.partition(".")[0]
    return (
        local in MAILBOXES
        or first in DOMAINS
        or (local in _ECHOES and first in _ECHOES)
        or _NIL.fullmatch(local) is not None
    )
