"""One spelling per identifier: exact cases, laws, and the fast version against the plain one."""

import phonenumbers
import pyarrow as pa
import pytest
from email_validator import validate_email
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.it import codicefiscale

from tuttuno.schema.normal import (
    _parsed_phone,
    _plain_emails,
    _plain_phone,
    _plain_phones,
    normalise,
    normalise_many,
)
from tuttuno.vocab import IdentifierType as Kind

KINDS = st.sampled_from(list(Kind))
COUNTRIES = st.sampled_from(["IT", "FR", "US", "DE", "it", "XX"])

PHONES = st.one_of(
    st.from_regex(r"(\+39|0039|39|0)?[ .\-]{0,2}(3|0|1|8|39)[0-9 .\-/()]{3,18}", fullmatch=True),
    st.from_regex(r"[ +0-9.\-()/xe#]{1,24}", fullmatch=True),
)
EMAILS = st.one_of(
    st.emails(),
    st.from_regex(
        r" ?[A-Za-z0-9.+\-'_]{1,12}@([a-z0-9\-]{1,8}\.){0,2}"
        r"(it|com|test|local|invalid|xn--a|prova\.it|c0m)",
        fullmatch=True,
    ),
    st.sampled_from(["test@test.it", "noreply@shop.it", "0@x.it", "a@a.it", "na@na"]),
)
MESSY = st.one_of(
    st.text(max_size=40),
    PHONES,
    EMAILS,
    st.from_regex(r"[A-Za-z]{0,3}[:@\- ]{0,2}[0-9A-Za-z.\-_ ]{0,20}", fullmatch=True),
    st.sampled_from(["undefined", "İ:ǰ", "ig:@@İ", "ﬁ-12", "\ufeffA 1\u200b", "a\u00a0b"]),
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("340 1000001", "+393401000001"),
        ("0039 340 1000001", "+393401000001"),
        ("+39\u00a0340\u00a01000001", "+393401000001"),
        ("055/1234567", "+390551234567"),
        ("393331234567", "+393331234567"),
        ("+44 20 7946 0958", "+442079460958"),
        ("0000000000", None),
        ("3400000000", None),
        ("1234567890", None),
        ("333 1234567 - 320 7654321", None),
        ("nessuno", None),
        ("12", None),
    ],
)
def test_a_phone_has_one_spelling_in_italy(raw, expected):
    assert normalise(Kind.PHONE, raw) == expected
    assert normalise_many(Kind.PHONE, pa.array([raw])).to_pylist() == [expected]


def test_a_national_phone_belongs_to_its_country():
    assert normalise(Kind.PHONE, "01 42 68 53 00", country="FR") == "+33142685300"
    assert normalise(Kind.PHONE, "01 42 68 53 00", country="XX") is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (" Anna.Rossi+promo@Example.IT ", "anna.rossi+promo@example.it"),
        ("anna@xn--citt-3na.it", "anna@città.it"),
        ("anna@città.it", "anna@città.it"),
        ("an\u200bna@posta.it\u00ad", "anna@posta.it"),
        ("rossi@rossi.it", "rossi@rossi.it"),
        ("anna@a.it", "anna@a.it"),
        ("email@email.it", None),
        ("test@test.it", None),
        ("anna@prova.it", None),
        ("no-reply@shop.it", None),
        ("anna@shop.local", None),
        ("anna@x.it;berta@x.it", None),
        ("anna", None),
    ],
)
def test_an_address_has_one_spelling(raw, expected):
    assert normalise(Kind.EMAIL, raw) == expected
    assert normalise_many(Kind.EMAIL, pa.array([raw])).to_pylist() == [expected]


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (Kind.LOYALTY_CARD, "it-0042 77.10", "IT00427710"),
        (Kind.LOYALTY_CARD, "0042", "0042"),
        (Kind.LOYALTY_CARD, "9999999999", None),
        (Kind.LOYALTY_CARD, "1234567890", None),
        (Kind.TAX_CODE, "rcc mnl 83s18 d969h", "RCCMNL83S18D969H"),
        (Kind.TAX_CODE, "RCCMNL83S18D969X", None),
        (Kind.TAX_CODE, "12345678903", None),
        (Kind.ACCOUNT, " aB 1 ", "aB 1"),
        (Kind.ACCOUNT, "[object Object]", None),
        (Kind.DEVICE, "00000000-0000-0000-0000-000000000000", None),
        (
            Kind.DEVICE,
            "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
            "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        ),
        (Kind.DEVICE, "GA1.2.Ab", "GA1.2.Ab"),
        (Kind.PAYMENT_TOKEN, "tok_9Zx", "tok_9Zx"),
        (Kind.PAYMENT_TOKEN, "**** 4242", None),
        (Kind.PAYMENT_TOKEN, "4242", None),
        (Kind.SOCIAL_HANDLE, "Instagram:@Anna.Rossi", "instagram:anna.rossi"),
        (Kind.SOCIAL_HANDLE, "anna", None),
        (Kind.SOCIAL_HANDLE, "instagram:null", None),
    ],
)
def test_each_kind_has_one_spelling(kind, raw, expected):
    assert normalise(kind, raw) == expected


def test_letters_that_tell_two_people_with_one_tax_code_apart_are_kept():
    plain, apart = "RCCMNL83S18D969H", "RCCMNL83S18D96V"
    apart += codicefiscale.calc_check_digit(apart)
    assert normalise(Kind.TAX_CODE, apart) == apart != plain


def test_a_tax_code_of_another_country_is_only_written_evenly():
    assert normalise(Kind.TAX_CODE, "12 345-67a", country="DE") == "1234567A"


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("raw", [None, "", " ", "undefined", "NULL", "n/a", "[object Object]", "0"])
def test_a_placeholder_is_no_value_of_any_kind(kind, raw):
    assert normalise(kind, raw) is None


@settings(deadline=None)
@given(KINDS, MESSY, COUNTRIES)
def test_normalising_twice_changes_nothing(kind, raw, country):
    once = normalise(kind, raw, country=country)
    assert once is None or normalise(kind, once, country=country) == once


@settings(deadline=None)
@given(KINDS, st.lists(st.tuples(st.none() | MESSY, st.none() | COUNTRIES)))
def test_the_bulk_form_equals_the_plain_one(kind, rows):
    values = pa.array([raw for raw, _ in rows], pa.string())
    countries = pa.array([country for _, country in rows], pa.string())
    plain = [normalise(kind, raw, country=country or "IT") for raw, country in rows]
    assert normalise_many(kind, values, countries).to_pylist() == plain


@settings(deadline=None)
@given(st.lists(PHONES, min_size=1, max_size=50))
def test_a_plain_phone_reads_as_the_numbering_plan_reads_it(raws):
    for raw, quick in zip(raws, _plain_phones(pa.array(raws)).to_pylist(), strict=True):
        if quick is not None:
            number = phonenumbers.parse(raw, "IT")
            assert phonenumbers.is_possible_number(number)
            assert quick == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            assert quick == normalise(Kind.PHONE, raw)


@settings(deadline=None)
@given(st.lists(EMAILS, min_size=1, max_size=50))
def test_a_plain_address_reads_as_the_validator_reads_it(raws):
    for raw, quick in zip(raws, _plain_emails(pa.array(raws)).to_pylist(), strict=True):
        if quick is not None:
            checked = validate_email(quick, check_deliverability=False, test_environment=True)
            assert quick == checked.normalized == normalise(Kind.EMAIL, raw)


def test_a_column_in_pieces_and_in_codes_is_read_too():
    pieces = pa.chunked_array([["340 1000001"], ["340 1000001", None]]).dictionary_encode()
    assert normalise_many(Kind.PHONE, pieces).to_pylist() == ["+393401000001"] * 2 + [None]


CODES = st.one_of(
    st.from_regex(r"[0-9A-Z]{1,12}", fullmatch=True),
    st.from_regex(r"[ -~]{1,12}", fullmatch=True),
    st.from_regex(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}", fullmatch=True),
    st.builds(lambda sign, times: sign * times, st.sampled_from("0-19aAzZ*"), st.integers(1, 9)),
    st.sampled_from(["NULL", "12345", "0123456789", "1234", "n/a", "xxXX1", "[object Object]"]),
)


@settings(deadline=None)
@given(KINDS, st.lists(CODES, min_size=1, max_size=50))
def test_a_plain_code_reads_as_the_rules_read_it(kind, raws):
    plain = [normalise(kind, raw) for raw in raws]
    assert normalise_many(kind, pa.array(raws)).to_pylist() == plain


@given(PHONES)
def test_a_plain_number_reads_as_the_numbering_plan_reads_it(raw):
    assert _plain_phone(raw) in {None, _parsed_phone(raw, "IT")}


def test_the_plain_number_of_a_till_needs_no_numbering_plan():
    assert _plain_phone("340 100.0001") == "+393401000001"


@given(st.one_of(EMAILS, st.text("@:a1.+-", max_size=20)))
def test_what_is_an_address_is_no_other_identifier_that_is_typed(raw):
    typed = (Kind.PHONE, Kind.LOYALTY_CARD, Kind.TAX_CODE, Kind.SOCIAL_HANDLE)
    if normalise(Kind.EMAIL, raw) is not None:
        assert [normalise(kind, raw) for kind in typed] == [None] * 4
