"""Two lists of one retailer that share no identifier: the CRM's, and that of the loyalty desk."""

from datetime import date

from tests.identity.matching.crowd import person
from tests.identity.shop import dice


def two_lists(people, *, seed=3, both=0.6):
    """Rows for the shop, and the number of the person behind each by its name.

    The CRM knows an address and an e-mail; the loyalty desk a town, and the e-mail as somebody
    heard it on the telephone.
    """
    chance = dice(seed)
    rows, truth = [], {}
    for number in range(people):
        who = person(chance)
        born = date.fromisoformat(who.pop("birth_date"))
        who |= {"birth_date": born, "city": f"Town {who['postal_code'][:3]}", "phone": None}
        lists = ["crm", "desk"] if chance.random() < both else [chance.choice(["crm", "desk"])]
        for source in lists:
            row = who if source == "crm" else at_the_desk(who, chance)
            name = f"{source}{number}"
            rows.append({**row, "name": name, "values": [["email", row["email"]]]})
            truth[name] = number
    chance.shuffle(rows)
    return rows, truth


def at_the_desk(row, chance):
    """The same person as the loyalty desk wrote her down."""
    found = dict(row) | {"address": None}
    own, _, domain = row["email"].partition("@")
    at = chance.randrange(2, len(own) - 1)
    found["email"] = f"{own[:at]}{own[at + 1 :]}@{domain}"
    if chance.random() < 0.1:
        found["given_name"], found["family_name"] = row["family_name"], row["given_name"]
    if chance.random() < 0.1:
        at = chance.randrange(1, len(row["family_name"]) - 1)
        found["family_name"] = row["family_name"][:at] + "X" + row["family_name"][at + 1 :]
    if chance.random() < 0.1:
        found["postal_code"] = found["city"] = None  # she has moved, or was not asked
    return found
