"""Clusters: the fast way ends where the plain one does, and both where networkx does."""

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identity.plain import plain_clusters
from tests.identity.test_resolve import BORN, VALUES, WHO, tight
from tuttuno.identity.cluster import clusters_of, limits_of
from tuttuno.identity.connected import components
from tuttuno.identity.decided import Decided
from tuttuno.identity.evidence import evidence_of
from tuttuno.identity.judge import Judge
from tuttuno.identity.profile import Rules, profile
from tuttuno.identity.registry import IdentitySettings
from tuttuno.identity.ties import best_first, ties_of

LINKS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20)
RECORDS = st.lists(st.tuples(WHO, BORN, VALUES), min_size=1, max_size=14)


def groups(first):
    return {frozenset(np.flatnonzero(first == leader).tolist()) for leader in first}


def ends(pairs):
    one, other = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(one, dtype=np.int64), np.array(other, dtype=np.int64)


@settings(deadline=None)
@given(LINKS, st.sampled_from([10, 1000]))
def test_components_agree_with_networkx_few_or_many(pairs, nodes):
    graph = nx.Graph(pairs)
    graph.add_nodes_from(range(nodes))
    first = components(nodes, *ends(pairs))
    assert groups(first) == {frozenset(group) for group in nx.connected_components(graph)}
    assert all(first[record] <= record for record in range(nodes))


@settings(deadline=None)
@given(LINKS, LINKS)
def test_more_ties_never_part_a_person_that_nothing_contradicts(pairs, more):
    before, after = components(10, *ends(pairs)), components(10, *ends(pairs + more))
    same_before = before[:, None] == before
    assert (after[:, None] == after)[same_before].all()


def evidence_from(rows):
    values = {tuple(v): None for _, _, held in rows for v in held}
    number = {value: at + 1 for at, value in enumerate(values)}
    kinds = {"card": "loyalty_card", "tax": "tax_code"}
    records = pa.table(
        {
            "record_no": pa.array(range(1, len(rows) + 1), pa.int64()),
            "given_name": pa.array([who[0] for who, _, _ in rows], pa.string()),
            "family_name": pa.array([who[1] for who, _, _ in rows], pa.string()),
            "birth_date": pa.array([born for _, born, _ in rows], pa.string()).cast(pa.date32()),
        }
    )
    pairs = [(at + 1, *v) for at, (_, _, held) in enumerate(rows) for v in held]
    table = pa.table(
        {
            "record_no": pa.array([at for at, _, _ in pairs], pa.int64()),
            "type": pa.array([kinds.get(kind, kind) for _, kind, _ in pairs], pa.string()),
            "value_no": pa.array([number[kind, text] for _, kind, text in pairs], pa.int64()),
        }
    )
    return evidence_of(records, table)


def resolved(rows, chosen):
    evidence = evidence_from(rows)
    rules, judge = Rules.of(chosen), Judge(evidence.faces)
    found = profile(evidence, rules, judge)
    ties = ties_of(evidence, found, rules, judge)
    limits = limits_of(evidence, found, rules)
    return evidence, ties, limits, rules, judge


@settings(deadline=None, max_examples=300)
@given(RECORDS, st.booleans())
def test_the_fast_way_ends_where_the_plain_one_does(rows, loose):
    evidence, ties, limits, rules, judge = resolved(rows, IdentitySettings() if loose else tight())
    fast = clusters_of(evidence, ties, limits, rules, judge)
    order = best_first(ties, evidence, rules)
    sides = list(zip(ties.one[order].tolist(), ties.other[order].tolist(), strict=True))
    assert fast.first.tolist() == plain_clusters(evidence, sides, limits, rules, judge)


PAIRS = st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=4)


def said(records, must, cannot):
    """Decisions that do not contradict each other."""
    must = [pair for pair in must if max(pair) < records and pair[0] != pair[1]]
    one = components(records, *ends(must))
    apart = [p for p in cannot if max(p) < records and one[p[0]] != one[p[1]]]
    return Decided(*ends(must), *ends(apart))


@settings(deadline=None, max_examples=300)
@given(RECORDS, PAIRS, PAIRS)
def test_what_stewards_said_holds_and_the_plain_way_agrees(rows, must, cannot):
    evidence, ties, limits, rules, judge = resolved(rows, tight())
    decided = said(evidence.records, must, cannot)
    fast = clusters_of(evidence, ties, limits, rules, judge, decided=decided)
    assert (fast.first[decided.must] == fast.first[decided.together]).all()
    assert (fast.first[decided.cannot] != fast.first[decided.apart]).all()
    order = best_first(ties, evidence, rules)
    sides = list(zip(ties.one[order].tolist(), ties.other[order].tolist(), strict=True))
    assert fast.first.tolist() == plain_clusters(evidence, sides, limits, rules, judge, decided)


@settings(deadline=None, max_examples=200)
@given(RECORDS)
def test_no_person_contradicts_herself(rows):
    evidence, ties, limits, rules, judge = resolved(rows, tight())
    first = clusters_of(evidence, ties, limits, rules, judge).first
    for group in groups(first):
        faces = evidence.face[sorted(group)].tolist()
        assert not any(judge.contradict(a, b) for a in faces for b in faces)
        assert len(group) <= rules.largest


@settings(deadline=None)
@given(RECORDS)
def test_every_tie_that_was_not_refused_holds(rows):
    evidence, ties, limits, rules, judge = resolved(rows, tight())
    found = clusters_of(evidence, ties, limits, rules, judge)
    apart = found.first[ties.one] != found.first[ties.other]
    assert not apart[~found.refused].any()


@pytest.mark.parametrize(("records", "sizes"), [(5, [5]), (6, [2, 4]), (23, [])])
def test_a_group_larger_than_a_person_is_cut_and_not_dropped(records, sizes):
    rows = [
        (("Anna", "Rossi"), None, [["email", f"{n // 2}"], ["phone", f"{(n + 1) // 2}"]])
        for n in range(records)
    ]
    chosen = IdentitySettings(largest_person=5)
    evidence, ties, limits, rules, judge = resolved(rows, chosen)
    assert np.unique(components(records, ties.one, ties.other)).tolist() == [0]
    first = clusters_of(evidence, ties, limits, rules, judge).first
    found = sorted(np.unique(first, return_counts=True)[1].tolist())
    assert max(found) <= 5
    assert found == sizes or records == 23
