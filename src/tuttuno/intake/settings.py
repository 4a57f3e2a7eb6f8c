"""What a file means when it does not say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """The project's own place.

    Attributes:
        timezone: IANA zone of times without an offset and without a store.
        country: ISO 3166-1 alpha-2, of phone numbers and tax codes that do not say.
        currency: ISO 4217; shown, and never put in for a missing one: a foreign amount that
            is silently taken for a domestic one is wrong for ever.
    """

    timezone: str = "Europe/Rome"
    country: str = "IT"
    currency: str = "EUR"
