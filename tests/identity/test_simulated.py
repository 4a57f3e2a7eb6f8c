"""Identity on the simulated retailer, whose true customers are known."""

import re
from collections import Counter

import numpy as np
import pyarrow.dataset as ds
import pytest
from scipy.optimize import linear_sum_assignment

from tests.identity.shop import KINDS, Shop, dice
from tuttuno.demo.simulate import simulate
from tuttuno.schema.normal import normalise
from tuttuno.vault.persons import resolve_person_id
from tuttuno.vocab import IdentifierType

WORD = {kind: word for word, kind in KINDS.items()}
COLUMNS = {
    "email": IdentifierType.EMAIL,
    "phone": IdentifierType.PHONE,
    "loyalty_card": IdentifierType.LOYALTY_CARD,
    "tax_code": IdentifierType.TAX_CODE,
    "device_ids": IdentifierType.DEVICE,
    "social_handles": IdentifierType.SOCIAL_HANDLE,
    "payment_token": IdentifierType.PAYMENT_TOKEN,
}

#: How the simulated stores' own numbers end.
OWN_PHONE = re.compile(r"^\+390\d+5550\d{3}$")

pytestmark = pytest.mark.slow


def values_in(row):
    for column, kind in COLUMNS.items():
        for raw in (row.get(column) or "").split("|"):
            value = normalise(kind, raw)
            if value:
                yield [WORD[kind], value]


def table(folder, stem):
    files = sorted(str(path) for path in folder.glob(f"{stem}*.parquet"))
    return ds.dataset(files, format="parquet").to_table()


@pytest.fixture(scope="module")
def retailer(tmp_path_factory):
    """A retailer small enough to be taken in many times."""
    return simulated(tmp_path_factory.mktemp("sim"), people=4_000)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The retailer on which merges are counted."""
    return simulated(tmp_path_factory.mktemp("sim"), people=20_000)


def simulated(folder, *, people):
    """Rows for the shop by name, and who each is in truth; records of sales have no truth."""
    out = simulate(folder, people=people, seed=11)
    rows = {}
    for row in table(out.exchange, "people").to_pylist():
        name = f"{row['source']}/{row['record_id']}"
        rows[name] = {**row, "name": name, "values": list(values_in(row))}
    names = ["source", "record_id", "loyalty_card", "email", "phone", "payment_token"]
    for row in table(out.exchange, "sales_").select(names).to_pylist():
        said = list(values_in(row))
        own = row["record_id"] or next((":".join(v) for v in said if v[0] != "token"), None)
        if own is not None:
            name = f"{row['source']}/{own}"
            rows.setdefault(name, {"name": name, "values": []})["values"] += said
    for row in rows.values():
        row["values"] = [list(value) for value in dict.fromkeys(map(tuple, row["values"]))]
    truth = table(out.truth, "truth_people").to_pylist()
    return rows, {f"{t['source']}/{t['record_id']}": t["true_person_id"] for t in truth}


@pytest.fixture(scope="module")
def persons(large, tmp_path_factory):
    """(true person, person found) of every record with a truth."""
    rows, truth = large
    shop = Shop(tmp_path_factory.mktemp("shop") / "vault.sqlite")
    shop.keep_rows(list(rows.values()))
    shop.resolve()
    found = shop.ids()
    shop.vault.close()
    return {name: (true, found[name]) for name, true in truth.items()}


def pairs(groups):
    sizes = np.array(list(Counter(groups).values()))
    return int((sizes * (sizes - 1) // 2).sum())


def test_merges_are_right_and_few_are_missed(persons):
    right = pairs(persons.values())
    precision = right / pairs(person for _, person in persons.values())
    recall = right / pairs(true for true, _ in persons.values())
    assert precision >= 0.995, f"{precision:.4f}"
    assert recall >= 0.97, f"{recall:.4f}"


def test_no_store_phone_or_kiosk_joins_two_people(persons, large):
    rows, _ = large
    carriers = {}
    for name in persons:
        for value in map(tuple, rows[name]["values"]):
            if value[1].startswith("kiosk") or OWN_PHONE.search(value[1]):
                carriers.setdefault(value, []).append(persons[name])
    assert len(carriers) >= 8
    for value, held in carriers.items():
        true_of = {}
        for true, person in held:
            true_of.setdefault(person, set()).add(true)
        assert all(len(true) == 1 for true in true_of.values()), value


def ids_after(rows, folder, *, late):
    """Person ids before and after the last rows arrive, and the shop."""
    shop = Shop(folder / "ids.sqlite")
    shop.keep_rows(rows[: len(rows) - late])
    shop.resolve()
    before = shop.ids()
    if late:
        shop.keep_rows(rows[-late:])
    shop.resolve()
    return before, shop


def changed(before, shop):
    """The share of old records that have another id, all of whose ids must still lead somewhere."""
    after = shop.ids()
    with shop.vault.read() as con:
        for person in set(before.values()):
            assert resolve_person_id(con, person) in set(after.values())
    shop.vault.close()
    return sum(after[name] != person for name, person in before.items()) / len(before)


def test_running_again_changes_no_id(retailer, tmp_path):
    before, shop = ids_after(list(retailer[0].values()), tmp_path, late=0)
    shop.resolve(full=True)
    assert changed(before, shop) == 0


def test_a_tenth_more_records_change_the_id_of_at_most_one_in_a_hundred(retailer, tmp_path):
    """In the order in which their sources made them."""
    rows = [row for row in retailer[0].values() if row.get("created_at") is not None]
    rows.sort(key=lambda row: (row["created_at"], row["name"]))
    before, shop = ids_after(rows, tmp_path, late=len(rows) // 11)
    assert changed(before, shop) <= 0.01


@pytest.mark.parametrize("seed", [1, 2])
def test_a_tenth_at_random_changes_no_id_that_need_not_and_each_leads_on(retailer, tmp_path, seed):
    """A record held back at random is often all that tied two others: then one id must go."""
    rows, truth = retailer
    shuffled = list(rows.values())
    dice(seed).shuffle(shuffled)
    before, shop = ids_after(shuffled, tmp_path, late=len(shuffled) // 11)
    after = shop.ids()
    share = changed(before, shop)
    assert share * len(before) == pytest.approx(forced(before, after))
    assert share <= 0.015
    joined = [{truth[name] for name in names if name in truth} for names in met(before, after)]
    assert sum(len(true) <= 1 for true in joined) >= 0.98 * len(joined) > 0


def met(before, after):
    """The old records of every person who was several persons before."""
    parts = {}
    for name in before:
        parts.setdefault(after[name], []).append(name)
    return [names for names in parts.values() if len({before[name] for name in names}) > 1]


def forced(before, after):
    """Old records that change their id whichever rule says who goes on under which id.

    A person goes on under one id, and an id with one person: a pairing of both, of which the
    best leaves most records as they were.
    """
    both = Counter((before[name], after[name]) for name in before)
    crowds = Counter(old for old, _ in both), Counter(new for _, new in both)
    hard = {p: n for p, n in both.items() if crowds[0][p[0]] > 1 or crowds[1][p[1]] > 1}
    kept = both.total() - sum(hard.values())
    rows, columns = (sorted({pair[side] for pair in hard}) for side in (0, 1))
    table = np.zeros((len(rows), len(columns)))
    for (old, new), records in hard.items():
        table[rows.index(old), columns.index(new)] = records
    kept += int(table[linear_sum_assignment(table, maximize=True)].sum())
    return len(before) - kept
