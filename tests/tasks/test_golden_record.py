"""The golden record of a vault: masked, with its source, pinned by stewards and put back."""

from datetime import date

import pytest
import sqlalchemy as sa

from tests.identity.shop import KEY, NOW, Shop, key
from tuttuno.errors import BadInput, NotFound, Unknown
from tuttuno.identity.explain import NoSuchRecord
from tuttuno.identity.golden import GoldenSettings
from tuttuno.tasks.decide import Steward, decided, undo
from tuttuno.tasks.golden_record import golden_record, pin
from tuttuno.vault import audit
from tuttuno.vault.tables import DECISION

ANNA = """
    card | Anna Rossi   | 1980-02-01 | card:770012345 at:Via Roma 1, 50121
    web  | A Rossi      | 1980-02-01 | card:770012345 phone:3401000001
    news | -            | -          | card:770012345
"""


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path / "vault.sqlite")
    shop.keep(ANNA)
    shop.resolve()
    yield shop
    shop.vault.close()


@pytest.fixture
def by(shop):
    return Steward(shop.vault, KEY, shop.settings, "IT", "anna", clock=lambda: NOW)


def best(shop, name="card", *, in_full=False):
    found = golden_record(
        shop.ids()[name], vault=shop.vault, settings=GoldenSettings(), actor="anna",
        in_full=in_full, clock=lambda: NOW,
    )  # fmt: skip
    return {one.field: one for one in found.details}


def test_each_detail_names_its_record_and_hides_what_the_card_hides(shop):
    found = best(shop)
    assert set(found) == {"name", "birth_date", "address"}
    assert found["birth_date"].shown == "1980-•••"
    assert found["address"].shown == "•••, 50121"
    assert (found["address"].record_key, found["address"].telling) == (key("card"), 1)
    assert (found["birth_date"].same, found["birth_date"].telling) == (2, 2)


def test_in_full_nothing_is_hidden_and_the_look_is_on_record(shop):
    found = best(shop, in_full=True)
    assert found["birth_date"].shown == date(1980, 2, 1).isoformat()
    assert found["address"].shown == "Via Roma 1, 50121"
    with shop.vault.read() as con:
        assert audit.entries(con, limit=1)[0].action == "person.golden_in_full"


@pytest.mark.parametrize("name", ["card", "web"])
def test_a_pinned_detail_is_what_its_record_says_through_every_rebuild(shop, by, name):
    act = pin(key(name), "name", reason="she said so", by=by)
    shop.resolve(full=True)
    found = best(shop)["name"]
    assert (found.record_key, found.rule, found.decision) == (key(name), "pinned", act.decision)
    shop.keep("new | Anna_Maria Rossi | 1980-02-01 | card:770012345")
    shop.resolve()
    assert best(shop)["name"].record_key == key(name)


def test_a_pin_is_among_the_decisions_and_taking_it_back_restores_the_rule(shop, by):
    before = best(shop)
    act = pin(key("web"), "name", reason="she said so", by=by)
    assert [(one.decision_no, one.field) for one in decided(by)] == [(act.decision, "name")]
    undo(act.decision, reason="a mistake", by=by)
    assert best(shop) == before
    assert decided(by) == ()


def test_a_second_pin_takes_the_place_of_the_first_which_comes_back_with_its_undoing(shop, by):
    first = pin(key("web"), "name", reason="she said so", by=by)
    second = pin(key("card"), "name", reason="no, so", by=by)
    assert best(shop)["name"].record_key == key("card")
    undo(second.decision, reason="a mistake", by=by)
    assert best(shop)["name"].decision == first.decision


def test_a_pin_follows_its_record_to_whoever_it_belongs_to(shop, by):
    pin(key("web"), "name", reason="she said so", by=by)
    shop.split("web", "news")
    assert best(shop, "card")["name"].decision is None
    assert best(shop, "web")["name"].decision == 1


def test_a_pin_is_erased_with_its_record(shop, by):
    pin(key("web"), "name", reason="she said so", by=by)
    shop.forget("web")
    with shop.vault.read() as con:
        assert con.scalar(sa.select(sa.func.count()).select_from(DECISION)) == 0


@pytest.mark.parametrize(
    ("record", "field", "reason", "refusal"),
    [
        ("news", "name", "she said so", BadInput),
        ("web", "shoe size", "she said so", Unknown),
        ("web", "name", " ", BadInput),
        ("nobody", "name", "she said so", NoSuchRecord),
    ],
)
def test_a_pin_that_says_nothing_is_refused(by, record, field, reason, refusal):
    with pytest.raises(refusal):
        pin(key(record), field, reason=reason, by=by)


def test_nobody_has_no_golden_record(shop):
    with pytest.raises(NotFound):
        golden_record(77, vault=shop.vault, settings=GoldenSettings(), actor="anna")
