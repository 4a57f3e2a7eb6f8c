"""Words as records are compared by them: upper-case ASCII, without titles and particles apart."""

import re

from anyascii import anyascii

from tuttuno.identity.nicknames import SHORT_FORMS

_APOSTROPHES = re.compile("['\u2019\u2018`\u00b4\u02bc]")
_NO_SIGN = re.compile("[^A-Z0-9]+")
_NOTHING = frozenset(
    {"", "NA", "ND", "NAN", "NULL", "NONE", "UNDEFINED", "UNKNOWN", "NESSUNO", "SCONOSCIUTO",
     "XXX", "TEST", "GUEST", "OSPITE", "CLIENTE", "ANONIMO", "ANONYMOUS"}
)  # fmt: skip
_TITLES = frozenset(
    {"MR", "MRS", "MS", "MISS", "DR", "DOTT", "DOTTSSA", "DOTTORE", "SIG", "SIGRA", "SIGNOR",
     "SIGNORA", "ING", "AVV", "GEOM", "RAG", "PROF", "SIR", "LADY", "LORD", "REV", "JR", "SR",
     "JUNIOR", "SENIOR", "II", "III", "HERR", "FRAU", "MME", "MLLE"}
)  # fmt: skip
#: Words behind a name that tell a father from his son of the same name.
_GENERATIONS = {
    "SR": "1", "SENIOR": "1", "I": "1", "JR": "2", "JUNIOR": "2", "II": "2", "III": "3",
}  # fmt: skip
#: Small words that belong to the word behind them: De Luca, Di Stefano, Lo Presti, van Dyck.
_PARTICLES = frozenset(
    {"D", "DE", "DI", "DA", "DEL", "DELLA", "DELLE", "DELLO", "DEGLI", "DEI", "DAL", "DALLA",
     "LA", "LE", "LI", "LO", "O", "VAN", "VON", "DER", "DEN", "DU", "DOS", "MC", "MAC", "SAN",
     "SANTA", "ST"}
)  # fmt: skip
_KINDS_OF_STREET = frozenset(
    {"VIA", "V", "VLE", "VIALE", "PIAZZA", "PZA", "PZZA", "PIAZZALE", "PLE", "PZLE", "CORSO",
     "CSO", "LARGO", "LGO", "VICOLO", "VCO", "STRADA", "STR", "CONTRADA", "CDA", "LOCALITA",
     "LOC", "FRAZIONE", "FRAZ", "BORGO", "BGO", "LUNGOMARE", "SALITA", "TRAVERSA", "PIAZZETTA",
     "STREET", "ROAD", "RD", "AVENUE", "AVE", "AV", "LANE", "LN", "DRIVE", "DRV", "PLACE", "PL",
     "COURT", "CT", "CRESCENT", "CRES", "CIRCUIT", "CCT", "CLOSE", "CL", "TERRACE", "TCE",
     "PARADE", "PDE", "WAY", "BOULEVARD", "BLVD", "HIGHWAY", "HWY", "SQUARE", "SQ", "RUE",
     "STRASSE", "E", "W", "N", "S", "NORTH", "SOUTH", "EAST", "WEST", "DI", "DEL",
     "DELLA", "DEI", "DE", "DELLE", "NR", "NUM", "NUMERO", "INT", "INTERNO", "SNC"}
)  # fmt: skip


def fold(raw: str | None) -> str:
    """Upper-case ASCII words with one space between them; nothing for what says nothing.

    >>> fold("  D'Angelò, Müller-Lüdenscheidt "), fold("n/a"), fold(None)
    ('DANGELO MULLER LUDENSCHEIDT', '', '')
    """
    if not raw:
        return ""
    text = _APOSTROPHES.sub("", raw)
    plain = text if text.isascii() else anyascii(text)
    folded = " ".join(_NO_SIGN.sub(" ", _APOSTROPHES.sub("", plain).upper()).split())
    return "" if folded.replace(" ", "") in _NOTHING else folded


def name_words(raw: str | None) -> tuple[str, ...]:
    """The words of a name: titles left out, particles closed up with the word behind.

    >>> name_words("Dott. Luca De Santis"), name_words("di Stefano"), name_words("D' Angelo")
    (('LUCA', 'DESANTIS'), ('DISTEFANO',), ('DANGELO',))
    """
    found: list[str] = []
    particle = ""
    for word in fold(raw).split():
        if word in _TITLES and not particle:
            continue
        if word in _PARTICLES:
            particle += word
            continue
        found.append(particle + word)
        particle = ""
    if particle:
        found.append(particle)
    return tuple(found)


def generation_of(*names: str | None) -> str | None:
    """Which of several of one name somebody says to be; None where the name does not say.

    >>> generation_of("David", "Dobbins Jr."), generation_of("Morris II Klein")
    ('2', '2')
    >>> generation_of("Anna", "Rossi") is None
    True
    """
    told = [_GENERATIONS[word] for name in names for word in fold(name).split()[1:]
            if word in _GENERATIONS]  # fmt: skip
    return max(told, default=None)


def street_words(raw: str | None) -> tuple[str, str]:
    """The words of a street without its kind, and its first number.

    >>> street_words("P.zza Garibaldi, 12/b"), street_words("144 Gardiner Street")
    (('GARIBALDI', '12'), ('GARDINER', '144'))
    """
    words = fold(raw).replace("P ZZA", "").replace("V LE", "").replace("C SO", "").split()
    number = next((digits for word in words if (digits := _digits_of(word))), "")
    letters = [word for word in words if not word[0].isdigit() and len(word) > 1]
    street = [word for word in letters if word not in _KINDS_OF_STREET]
    return " ".join(street or letters), number


def _digits_of(word: str) -> str:
    match = re.match(r"\d+", word)
    return match.group().lstrip("0") if match else ""


def short_forms(word: str) -> frozenset[str]:
    """The names that a short form may stand for; empty where it is none."""
    return SHORT_FORMS.get(word, frozenset())


_VOWELS = re.compile("[AEIOUYHW0-9]")
_REPEATED = re.compile(r"(.)\1+")
_SOUNDS = str.maketrans({"Z": "S", "C": "K", "Q": "K", "V": "F"})


def sound_of(word: str) -> str:
    """The first letter and three consonants behind it, so that many misspellings meet.

    >>> sound_of("ROSSI"), sound_of("ROSI"), sound_of("PHILIPS"), sound_of("FILLIPS")
    ('RS', 'RS', 'FLPS', 'FLPS')
    """
    plain = word.replace(" ", "").replace("PH", "F").replace("CK", "K").translate(_SOUNDS)
    return (plain[:1] + _REPEATED.sub(r"\1", _VOWELS.sub("", plain[1:])))[:4]
