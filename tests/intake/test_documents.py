"""JSON as systems send it: three shapes, document by document, whatever is wrong with some."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuttuno.errors import BadInput
from tuttuno.intake import documents as module
from tuttuno.intake.arrived import Broken
from tuttuno.intake.documents import Document, NotJson, decode, documents

ORDERS = [{"id": "1", "note": 'a "b" ]}'}, {"id": "2", "lines": [{"a": {}}, {"b": "\\"}]}]


def read(tmp_path, data, envelopes=("orders", "order")):
    path = tmp_path / "file.json"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(documents(path, envelopes=envelopes))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param("\n".join(map(json.dumps, ORDERS)), "", id="a document on each line"),
        pytest.param(json.dumps(ORDERS), "", id="a list"),
        pytest.param(json.dumps(ORDERS, indent=2), "", id="a list over many lines"),
        pytest.param(json.dumps({"orders": ORDERS}), "orders", id="a list in an envelope"),
        pytest.param(
            json.dumps({"orders": ORDERS, "next": [9]}, indent=1), "orders", id="and more"
        ),
        pytest.param(json.dumps({"count": 2, "orders": ORDERS}), "orders", id="envelope behind"),
        pytest.param("\ufeff" + json.dumps(ORDERS), "", id="with a byte order mark"),
    ],
)
def test_the_shape_of_a_file_is_seen_from_how_it_begins(tmp_path, data, kind):
    found = read(tmp_path, data)
    assert [(each.value, each.kind) for each in found] == [(each, kind) for each in ORDERS]


def test_one_document_over_many_lines_is_one(tmp_path):
    assert read(tmp_path, json.dumps(ORDERS[1], indent=2)) == [Document(ORDERS[1], 1)]
    assert read(tmp_path, json.dumps({"order": ORDERS[0]}, indent=2))[0].kind == "order"


def test_a_key_of_an_order_is_no_envelope(tmp_path):
    order = {"id": "7", "orders": [{"id": "8"}]}
    assert read(tmp_path, json.dumps(order))[0].value == order


def test_numbers_stay_the_text_they_are(tmp_path):
    text = '{"id": 820982911946154508, "price": 12.10, "big": 1e999, "n": 1' + "0" * 5_000 + "}"
    value = read(tmp_path, text)[0].value
    assert (value["id"], value["price"], value["big"]) == ("820982911946154508", "12.10", "1e999")
    assert len(value["n"]) == 5_001


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1, "a": 2}', "a key twice"),
        ('{"a": NaN}', "NaN for a number"),
        ('{"a": -Infinity}', "-Infinity for a number"),
        ('{"a": "\\u0000"}', "NUL"),
        ('{"a": "\\ud800"}', "half of a sign"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' * 3_000 + "1" + "}" * 3_000, "nested too deeply"),
        ('{"a": "', "is not JSON"),
        ("", "is not JSON"),
    ],
)
def test_what_cannot_be_taken_at_its_word_is_no_document(text, reason):
    with pytest.raises(NotJson, match=reason):
        decode(text.encode())


def test_a_pair_of_halves_is_one_sign():
    assert decode(b'{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_a_bad_line_is_told_and_the_rest_goes_on(tmp_path):
    found = read(tmp_path, b'{"id": "1"}\n{"id": \n\xff\xfe\n\n{"id": "4"}\n"text"\n')
    assert [(type(each), each.number if isinstance(each, Document) else each.document)
            for each in found] == [
        (Document, 1), (Broken, 2), (Broken, 3), (Document, 5), (Broken, 6),
    ]  # fmt: skip


def test_elements_that_are_no_objects_are_told(tmp_path):
    found = read(tmp_path, '[1, {"id": "1"}, "two", [3], {"a": 1, "a": 2}, null]')
    assert [isinstance(each, Broken) for each in found] == [True, False, True, True, True, True]


def test_a_list_that_breaks_off_says_so(tmp_path):
    whole, cut = read(tmp_path, '{"orders": [{"id": "1"}, {"id": "2", "note": "x')
    assert whole.value == {"id": "1"}
    assert "breaks off" in cut.reason


def test_a_document_without_an_end_is_no_reason_to_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LONGEST", 3_000_000)
    for data in ('[{"a": "' + "x" * 5_000_000, '{"a": "' + "x" * 5_000_000):
        with pytest.raises(BadInput, match="longer than 3000000"):
            read(tmp_path, data)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.text(max_size=4),
            st.recursive(
                st.text() | st.booleans() | st.none(),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(max_size=3), inner, max_size=3)
                ),
                max_leaves=6,
            ),
            max_size=4,
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([1, 3, 64]),
    st.booleans(),
)
def test_a_list_is_cut_as_json_itself_would_read_it(values, chunk, ascii_only):
    import io  # noqa: PLC0415 - of this test alone

    text = json.dumps(values, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    whole = module._CHUNK
    module._CHUNK = chunk
    try:
        found = list(module._elements(io.BytesIO(text[1:]), None))
    finally:
        module._CHUNK = whole
    assert [json.loads(each) for each in found] == values
