"""Made-up people and the records that shops would keep of them, with mistakes."""

import random

import pyarrow as pa

GIVEN = ("GIULIA", "MARCO", "ANNA", "LUCA", "SARA", "PAOLO", "ELENA", "CHIARA", "ANDREA", "MARTA")
PARTS = ("BEL", "CAR", "DON", "FER", "GAL", "LOM", "MAN", "NER", "PEL", "RIV", "SAN", "TOR")
ENDS = ("INI", "ETTI", "ONE", "ALDI", "UCCI", "ERO")
STREETS = ("Via Roma", "Via Mazzini", "Corso Italia", "Viale Europa", "Piazza Verdi", "Via Dante")
COLUMNS = ("given_name", "family_name", "birth_date", "email", "phone", "address", "postal_code")


def person(chance):
    given = chance.choice(GIVEN)
    family = chance.choice(PARTS) + chance.choice(PARTS) + chance.choice(ENDS)
    return {
        "given_name": given,
        "family_name": family,
        "birth_date": f"{chance.randint(1935, 2004)}-{chance.randint(1, 12):02d}"
        f"-{chance.randint(2, 28):02d}",
        "email": f"{given}.{family}{chance.randint(1, 9999)}@posta.example".lower(),
        "phone": f"+39 3{chance.randint(10**8, 10**9 - 1)}",
        "address": f"{chance.choice(STREETS)}, {chance.randint(1, 150)}",
        "postal_code": f"{chance.randint(10000, 60000)}",
    }


def mistaken(row, chance):
    """A second record of the same person: a slip, a swap, something left out."""
    found = dict(row)
    slip = chance.choice(("letter", "swap", "digit", "short", "none"))
    if slip == "letter":
        at = chance.randrange(1, len(found["family_name"]))
        found["family_name"] = found["family_name"][:at] + "X" + found["family_name"][at + 1 :]
    if slip == "swap":
        found["given_name"], found["family_name"] = found["family_name"], found["given_name"]
    if slip == "digit":
        found["birth_date"] = found["birth_date"][:-1] + str(chance.randint(0, 9))
    if slip == "short":
        found["given_name"] = found["given_name"][:3]
    for column in chance.sample(COLUMNS[3:], 2):
        found[column] = None
    return found


def crowd(people, records_each, seed=5):
    """A table, and the number of the person behind each record."""
    chance = random.Random(seed)  # noqa: S311 - made-up people need no secrets
    rows, truth = [], []
    for number in range(people):
        row = person(chance)
        for copy in range(records_each):
            rows.append(row if copy == 0 else mistaken(row, chance))
            truth.append(number)
    return pa.Table.from_pylist(rows, pa.schema([(c, pa.string()) for c in COLUMNS])), truth
