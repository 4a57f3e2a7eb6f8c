"""The tables of the vault, one module per family of nouns; all of them hang on `METADATA`."""

from tuttuno.vault.tables.accounts import ACCOUNT, AUDIT, LOGIN_FAILURE, SESSION
from tuttuno.vault.tables.inbox import (
    DOOR_HOUR,
    INBOX,
    INBOX_CLAIM,
    INBOX_WHO,
    MESSAGE,
    PLAN_EVENT,
    PLAN_VIOLATION,
)
from tuttuno.vault.tables.intake import BATCH, QUARANTINE
from tuttuno.vault.tables.metadata import METADATA
from tuttuno.vault.tables.people import (
    ATTRIBUTE,
    BLOCK_KEY,
    CONSENT,
    COUNTER,
    IDENTIFIER_VALUE,
    PEOPLE_COLUMNS,
    RECORD,
    RECORD_IDENTIFIER,
    SUPPRESSION,
)
from tuttuno.vault.tables.persons import (
    DECISION,
    EDGE,
    HOUSEHOLD_MEMBER,
    LIKENESS_MODEL,
    MEMBERSHIP,
    PERSON,
    PERSON_EVENT,
    RUN,
)
from tuttuno.vault.tables.releases import ANSWER, CURRENT_RELEASE, RELEASE

__all__ = [
    "ACCOUNT",
    "ANSWER",
    "ATTRIBUTE",
    "AUDIT",
    "BATCH",
    "BLOCK_KEY",
    "CONSENT",
    "COUNTER",
    "CURRENT_RELEASE",
    "DECISION",
    "DOOR_HOUR",
    "EDGE",
    "HOUSEHOLD_MEMBER",
    "IDENTIFIER_VALUE",
    "INBOX",
    "INBOX_CLAIM",
    "INBOX_WHO",
    "LIKENESS_MODEL",
    "LOGIN_FAILURE",
    "MEMBERSHIP",
    "MESSAGE",
    "METADATA",
    "PEOPLE_COLUMNS",
    "PERSON",
    "PERSON_EVENT",
    "PLAN_EVENT",
    "PLAN_VIOLATION",
    "QUARANTINE",
    "RECORD",
    "RECORD_IDENTIFIER",
    "RELEASE",
    "RUN",
    "SESSION",
    "SUPPRESSION",
]
