"""Class values: whose an e-mail, a phone or a card is, and which ones tie nobody."""

from collections.abc import Sequence

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import NotFound, Unknown
from tuttuno.identity.profile import ValueClass
from tuttuno.identity.registry import IdentitySettings
from tuttuno.identity.values import ValueSeen, class_of_value, values_of_class
from tuttuno.tasks.stores import Stores
from tuttuno.vault import audit
from tuttuno.vault.vault import Vault

#: What can be asked for.
CLASSES = tuple(one.name.lower() for one in ValueClass)

#: What a retailer looks for first: everything that is not one person's.
SEVERAL = tuple(word for word in CLASSES if word != "personal")


class NobodyCarries(NotFound):
    """No record carries this value."""

    def __init__(self) -> None:
        super().__init__(
            "no record carries this", hint="an e-mail, phone, card number or tax code in full"
        )


def list_values(
    vault: Vault,
    *,
    settings: IdentitySettings,
    classes: Sequence[str] = SEVERAL,
    limit: int = 50,
) -> tuple[int, tuple[ValueSeen, ...]]:
    """Return how many values are of some classes, and those on most records, masked.

    Raises:
        Unknown: A class is in no list.
    """
    for word in classes:
        if word not in CLASSES:
            raise Unknown("class of values", word, CLASSES)
    asked = [ValueClass[word.upper()] for word in classes]
    with vault.read() as con:
        return values_of_class(con, settings, classes=asked, limit=limit)


def class_value(
    text: str,
    *,
    stores: Stores,
    settings: IdentitySettings,
    country: str,
    actor: str,
    clock: Clock = utc_now,
) -> tuple[ValueSeen, ...]:
    """Return whose a value is, and why; the look is recorded, the value is not.

    Raises:
        NobodyCarries: No record has it.
    """
    with stores.vault.begin() as con:
        found = class_of_value(con, settings, text, key=stores.key, country=country)
        audit.append(con, actor=actor, action="identity.value", subject=str(len(found)), at=clock())
    if not found:
        raise NobodyCarries
    return found
