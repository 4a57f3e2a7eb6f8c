"""XML as it flows: element after element, and nothing that unfolds or fetches."""

import pytest

from tuttuno.errors import BadInput
from tuttuno.intake import elements as module
from tuttuno.intake.arrived import Broken
from tuttuno.intake.elements import elements

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + "]><POSLog><Transaction>&h;</Transaction></POSLog>"
)


def read(tmp_path, data, name="Transaction"):
    path = tmp_path / "file.xml"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(elements(path, name))


def test_prefixes_and_namespaces_make_no_difference(tmp_path):
    plain, other = (
        read(tmp_path, text)[0].element
        for text in (
            '<POSLog><Transaction CancelFlag="true"><A>1</A></Transaction></POSLog>',
            (
                '<p:POSLog xmlns:p="urn:x"><p:Transaction p:CancelFlag="true"><p:A> 1 </p:A>'
                "</p:Transaction></p:POSLog>"
            ),
        )
    )
    for each in (plain, other):
        assert (each.flag("CancelFlag"), each.text("A")) == (True, "1")


def test_what_stands_before_the_elements_is_their_header(tmp_path):
    data = (
        "<POSLog><RetailStoreID>9</RetailStoreID><Transaction/><Day>1</Day><Transaction/></POSLog>"
    )
    assert [each.header for each in read(tmp_path, data)] == [
        {"RetailStoreID": "9"},
        {"RetailStoreID": "9", "Day": "1"},
    ]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(LAUGHS, id="billion laughs"),
        pytest.param(
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><Transaction>&x;</Transaction>',
            id="a file of ours",
        ),
        pytest.param('<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>', id="a type elsewhere"),
        pytest.param("<a>" * 100 + "</a>" * 100, id="deep"),
        pytest.param("<a><Transaction>" + "<b>" * 100_000, id="very deep"),
    ],
)
def test_a_bomb_is_refused_before_it_unfolds(tmp_path, data):
    with pytest.raises(BadInput):
        read(tmp_path, data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("<Transaction>" + "x" * 3_000_000, id="text without an end"),
        pytest.param('<Transaction a="' + "x" * 3_000_000, id="an attribute without an end"),
        pytest.param("<Transaction>" + "<a/>" * 50_000, id="children without an end"),
    ],
)
def test_an_element_without_an_end_is_no_reason_to_fill_the_memory(tmp_path, monkeypatch, data):
    monkeypatch.setattr(module, "LONGEST", 1_000_000)
    with pytest.raises(BadInput, match="bytes"):
        read(tmp_path, data)


@pytest.mark.parametrize("tail", ["<Transaction><A>", "</a>", "\x00", "&x;", "\udcff", "<"])
def test_a_file_that_breaks_says_where_and_keeps_what_came_before(tmp_path, tail):
    data = f"<POSLog><Transaction/><Transaction/>{tail}".encode(errors="surrogateescape")
    *whole, broken = read(tmp_path, data)
    assert [each.number for each in whole] == [1, 2]
    assert isinstance(broken, Broken)
    assert (broken.document, "line 1" in broken.reason) == (3, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_an_encoding_that_the_file_tells_is_understood(tmp_path, encoding):
    data = f'<?xml version="1.0" encoding="{encoding}"?><Transaction><A>Nicolò</A></Transaction>'
    assert read(tmp_path, data.encode(encoding))[0].element.text("A") == "Nicolò"


def test_a_file_made_utf_8_on_its_way_may_still_call_itself_utf_16(tmp_path):
    data = '<?xml version="1.0" encoding="UTF-16"?><Transaction><A>Nicolò</A></Transaction>'
    assert read(tmp_path, data)[0].element.text("A") == "Nicolò"


def test_an_encoding_that_nobody_knows_is_told(tmp_path):
    (broken,) = read(tmp_path, '<?xml version="1.0" encoding="klingon"?><Transaction/>')
    assert isinstance(broken, Broken)
