"""Many look-ups in one turn are answered as each alone, and every look is on record."""

import pytest

from tuttuno.errors import BadInput
from tuttuno.tasks.find_people import NobodyFound, find_people
from tuttuno.tasks.look_up import Counter, Question, look_up
from tuttuno.tasks.released_facts import released_facts
from tuttuno.tasks.show_person import Glance, show_person
from tuttuno.vault import audit
from tuttuno.vault.chains import broken_links
from tuttuno.vault.tables import AUDIT, IDENTIFIER_VALUE

FACTS = (
    "channel_band", "home_store", "tier", "age_band", "language", "first_on", "last_on",
    "enrolled_on", "orders", "orders_store", "orders_online", "net", "net_store", "net_online",
)  # fmt: skip


@pytest.fixture(scope="module")
def workspace(shop, tmp_path_factory):
    with shop.copied(tmp_path_factory.mktemp("counter")) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def opened(workspace):
    return workspace.reading().current()


@pytest.fixture(scope="module")
def counter(workspace, opened):
    facts, inbox = released_facts(opened, {}), workspace.inbox()
    yield Counter(workspace.vault, inbox, workspace.stores.key, "IT", lambda _: facts)
    inbox.close()


@pytest.fixture(scope="module")
def typed(workspace):
    """What somebody may type: e-mails, phones, cards, tax codes, handles of everybody."""
    columns = IDENTIFIER_VALUE.c["type", "value"]
    with workspace.vault.read() as con:
        rows = con.execute(IDENTIFIER_VALUE.select().with_only_columns(*columns)).all()
    kinds = {"email", "phone", "loyalty_card", "tax_code", "social_handle"}
    return [value for kind, value in rows if kind in kinds][::3]


def asked(texts, counter, actor="anna"):
    return look_up([Question(text, actor) for text in texts], counter)


def test_to_ask_nothing_opens_all_and_leaves_nothing_on_record(workspace, counter):
    with workspace.vault.read() as con:
        before = audit.seal(con)
    assert asked([], counter) == []
    with workspace.vault.read() as con:
        assert audit.seal(con) == before


def alone(text, workspace, opened):
    stores = workspace.stores
    try:
        facts = Glance(workspace.vault, opened, {}, "EUR").facts
        rows = find_people(text, stores=stores, facts=facts, country="IT", actor="bruno")
    except NobodyFound:
        return []
    return [(one.person_id, one.shown_id, one.name, one.place) for one in rows]


def looks(workspace, actor):
    with workspace.vault.read() as con:
        return [(one.action, one.subject) for one in audit.entries(con, actor=actor, limit=10_000)]


def test_questions_asked_together_lead_where_each_alone_does(workspace, opened, counter, typed):
    strange = ["nobody@example.it", "572", "P-000001-3", "", "é", "1" * 200]
    texts = [*typed, *strange]
    found = asked(texts, counter)
    assert len(typed) > 200
    for text, answer in zip(texts, found, strict=True):
        people = [(one.person_id, one.shown_id, one.name, one.place) for one in answer.people]
        assert people == alone(text, workspace, opened), text
    assert {answer.release for answer in found} == {opened.release.number}


def test_the_facts_are_those_of_her_card(workspace, opened, counter, typed):
    glance = Glance(workspace.vault, opened, {}, "EUR")
    people = {one.person_id: one for answer in asked(typed, counter) for one in answer.people}
    for person in list(people)[::11]:
        card = show_person(person, glance, actor="bruno")
        assert people[person].facts == {name: getattr(card, name) for name in FACTS}


def test_whom_the_release_does_not_know_has_bought_nothing(opened):
    facts = released_facts(opened, {})
    last = max(opened.engine.run(opened.tables["person"])["person_id"].to_pylist())
    assert facts.of([0, last, last + 1]).keys() == {last}
    assert facts.of([]) == {}


def test_each_look_is_on_record_and_never_what_was_typed(workspace, counter, typed):
    texts = [*typed[:3], "nobody@example.it", "P-000001-9"]
    found = asked(texts, counter, actor="clara")
    seen = [str(one.person_id) for answer in found[:3] for one in answer.people]
    recorded = looks(workspace, "clara")[::-1]
    assert recorded == [
        *(("person.look_up", one) for one in seen),
        ("person.find", "0 found"),
        ("person.find", "0 found"),
    ]
    with workspace.vault.read() as con:
        assert list(broken_links(con, AUDIT)) == []


def test_a_wrong_check_digit_spoils_no_other_question(counter, typed):
    wrong, right = asked(["P-000001-9", typed[0]], counter)
    assert isinstance(wrong, BadInput)
    assert right.people
