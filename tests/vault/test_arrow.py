"""Arrow columns go in and come out of the vault unchanged, whatever they hold."""

from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.vault.arrow import arrow_type, from_stored, to_stored, values_of
from tuttuno.vault.tables import CONSENT, EDGE, RECORD, RECORD_IDENTIFIER
from tuttuno.vault.tables.columns import IDENTIFIER_CODES, stored
from tuttuno.vocab import IdentifierType

KINDS = {
    CONSENT.c.at: st.datetimes(),
    RECORD.c.birth_date: st.dates(),
    CONSENT.c.granted: st.booleans(),
    RECORD_IDENTIFIER.c.type: st.sampled_from([str(kind) for kind in IdentifierType]),
    RECORD.c.email: st.text(st.characters(codec="utf-8")),
    RECORD.c.batch: st.integers(-(2**63), 2**63 - 1),
    EDGE.c.weight: st.floats(allow_nan=False),
}
COLUMNS = st.sampled_from(list(KINDS)).flatmap(
    lambda column: st.tuples(st.just(column), st.lists(st.none() | KINDS[column]))
)


@given(COLUMNS)
def test_a_column_comes_back_as_it_went_in(case):
    column, values = case
    array = pa.array(values, arrow_type(column))
    assert from_stored(values_of(to_stored(array, column)), column).equals(array)


@given(COLUMNS)
def test_many_rows_are_stored_as_single_rows_are(case):
    column, values = case
    array = pa.array(values, arrow_type(column))
    if column is CONSENT.c.at:
        values = [value and value.replace(tzinfo=UTC) for value in values]
    assert values_of(to_stored(array, column)) == [stored(column, value) for value in values]


@pytest.mark.parametrize(
    "kind",
    [pa.timestamp("us", "UTC"), pa.timestamp("ms", "Europe/Rome"), pa.timestamp("s", "UTC")],
    ids=str,
)
def test_a_moment_is_kept_in_utc_whatever_its_zone_and_unit(kind):
    noon = datetime(2026, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    kept = values_of(to_stored(pa.array([noon], kind), CONSENT.c.at))
    assert from_stored(kept, CONSENT.c.at).to_pylist() == [
        noon.astimezone(UTC).replace(tzinfo=None)
    ]


def test_a_type_of_identifier_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="shoe_size"):
        to_stored(pa.array(["email", "shoe_size"]), RECORD_IDENTIFIER.c.type)


def test_every_type_of_identifier_has_a_code_of_its_own():
    assert set(IDENTIFIER_CODES) == set(IdentifierType)
    assert sorted(IDENTIFIER_CODES.values()) == list(range(1, len(IdentifierType) + 1))


def test_codes_of_identifier_types_never_change():
    assert [str(kind) for kind, _ in sorted(IDENTIFIER_CODES.items(), key=lambda one: one[1])] == [
        "loyalty_card",
        "account",
        "email",
        "phone",
        "tax_code",
        "payment_token",
        "device",
        "social_handle",
    ]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_texts_of_any_layout_are_taken(kind):
    array = pa.array(["Anna", None], pa.string()).cast(kind)
    assert values_of(to_stored(array, RECORD.c.given_name)) == ["Anna", None]


def test_a_birth_date_is_kept_as_a_day():
    kept = values_of(to_stored(pa.array([date(1980, 1, 2), None]), RECORD.c.birth_date))
    assert kept == ["1980-01-02", None]
