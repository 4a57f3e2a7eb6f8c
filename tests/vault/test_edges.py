"""Edges: evidence is kept once per pair and kind, and found from either end."""

import pyarrow as pa

from tuttuno.vault import edges


def evidence(*rows):
    names = ("a", "b", "kind", "weight")
    columns = {
        name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    return pa.table({**columns, "run": pa.array([1] * len(rows), pa.int64())})


def seen(table):
    return sorted(
        tuple(row[name] for name in ("a", "b", "kind", "weight")) for row in table.to_pylist()
    )


FOUR = [(1, 2, "email", 8.5), (2, 3, "email", 4.0), (2, 3, "name", -1.5), (4, 5, "card", 9.0)]


def test_the_last_word_on_a_pair_counts(vault):
    with vault.begin() as con:
        edges.put_edges(con, evidence(*FOUR))
        edges.put_edges(con, evidence((2, 3, "name", 2.5)))
        assert seen(edges.read_edges(con)) == sorted([*FOUR[:2], (2, 3, "name", 2.5), FOUR[3]])


def test_an_edge_is_found_once_from_either_end(vault):
    with vault.begin() as con:
        edges.put_edges(con, evidence(*FOUR))
        assert seen(edges.edges_of(con, pa.array([2, 3]))) == FOUR[:3]
        assert seen(edges.edges_of(con, pa.array([5]))) == FOUR[3:]


def test_edges_go_with_their_records(vault):
    with vault.begin() as con:
        edges.put_edges(con, evidence(*FOUR))
        assert edges.drop_edges(con, pa.array([3, 4])) == 3
        assert seen(edges.read_edges(con)) == FOUR[:1]
