"""What a column of a foreign file holds, by its heading: the names that everybody gives it."""

import re
from collections.abc import Iterable, Mapping

from tuttuno.identity.matching.prepare import FIELDS

#: Headings by field; lower case, words joined by an underscore.
HEADINGS: dict[str, frozenset[str]] = {
    field: frozenset(names.split())
    for field, names in {
        "given_name": "given_name given first_name firstname first forename name nome fname vorname"
        " prenom primary_name_first nombre",
        "family_name": "family_name family surname last_name lastname last cognome lname sname"
        " nachname nom primary_name_last apellido",
        "full_name": "full_name fullname complete_name nominativo nome_completo name_full"
        " primary_name_full customer_name first_and_surname",
        "birth_date": "birth_date birthdate date_of_birth dob birthday data_di_nascita"
        " data_nascita geburtsdatum born bdate",
        "gender": "gender sex sesso",
        "email": "email e_mail mail email_address posta_elettronica",
        "phone": "phone telephone tel telefono mobile cell cellulare phone_number mobile_phone"
        " telephone_number",
        "tax_code": "tax_code codice_fiscale cf fiscal_code",
        "identifier": "identifier soc_sec_id ssn ssn_number social_security_number nino"
        " national_id national_id_number passport passport_number drivers_license_number"
        " card_number loyalty_card",
        "address": "address street address_1 address1 addr addr_line1 address_line_1 street_name"
        " indirizzo via street_address addr_full",
        "street_number": "street_number house_number civico numero_civico number",
        "address_2": "address_2 address2 addr_line2 address_line_2",
        "postal_code": "postal_code postcode post_code zip zip_code zipcode cap plz"
        " addr_postal_code code_postal",
        "city": "city town suburb comune citta addr_city locality place ort ville",
        "province": "province state region provincia addr_state county prov",
        "country": "country country_code nazione paese addr_country",
        "birth_place": "birth_place birthplace place_of_birth luogo_di_nascita comune_di_nascita",
    }.items()
}

#: Headings of a given name beside a family name, and of a whole name where there is none.
_NAME = frozenset({"name", "nome"})

#: Words that say what a column holds wherever in its heading they stand.
_TELLING = {
    "postcode": "postal_code",
    "dob": "birth_date",
    "surname": "family_name",
    "cognome": "family_name",
    "forename": "given_name",
    "email": "email",
    "phone": "phone",
}


def field_of(heading: str) -> str | None:
    """The field a heading stands for; None where it tells nothing.

    >>> field_of("Date of Birth"), field_of("postcode_fake"), field_of("occupation")
    ('birth_date', 'postal_code', None)
    """
    name = _plain(heading)
    exact = next((field for field in FIELDS if name in HEADINGS[field]), None)
    if exact:
        return exact
    told = {_TELLING[word] for word in name.split("_") if word in _TELLING}
    return told.pop() if len(told) == 1 else None


def recognised(headings: Iterable[str]) -> Mapping[str, str]:
    """The column of each field that can be told from its heading; an exact heading goes first."""
    found: dict[str, str] = {}
    listed = list(headings)
    for exact in (True, False):
        for heading in listed:
            field = field_of(heading)
            if not field or field in found or heading in found.values():
                continue
            if not exact or _plain(heading) in HEADINGS[field]:
                found[field] = heading
    if _plain(found.get("given_name", "")) in _NAME and not {"family_name", "full_name"} & {*found}:
        found["full_name"] = found.pop("given_name")
    return found


def _plain(heading: str) -> str:
    """Lower case, words joined by an underscore."""
    return re.sub(r"[^a-z0-9]+", "_", heading.strip().lower()).strip("_")
