"""Joining under guard: same as one pair at a time, and nothing forbidden comes together."""

import resource

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.identity.plain import plain_average
from tuttuno.identity import joining
from tuttuno.identity.guard import Guard, Limits
from tuttuno.identity.joining import Edges, Joining
from tuttuno.identity.matching.columns import NONE


def join(records, edges, rule, alone=(), copies=None):
    return joining.join(records, edges, rule, Guard(Limits.one_each(alone)), copies)


def edges_of(weights, **more):
    pairs = sorted(weights)
    one = np.array([pair[0] for pair in pairs], dtype=np.int64)
    other = np.array([pair[1] for pair in pairs], dtype=np.int64)
    weight = np.array([weights[pair] for pair in pairs], dtype=np.float32)
    return Edges(one, other, weight, **more)


def pair_of(*pairs):
    one, other = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(one, dtype=np.int64), np.array(other, dtype=np.int64)


@st.composite
def graphs(draw):
    records = draw(st.integers(2, 9))
    pairs = [(a, b) for a in range(records) for b in range(a + 1, records)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=25))
    # averages that are all different, so that no lot decides
    bits = draw(st.permutations(range(len(chosen))))
    noise = [0.137 * n * n for n in bits]
    weights = {
        pair: round(float(draw(st.integers(-9, 9))) + n / 97, 4)
        for pair, n in zip(chosen, noise, strict=True)
    }
    alone = np.array(draw(st.lists(st.integers(-1, 1), min_size=records, max_size=records)))
    voice = np.array(
        draw(st.lists(st.sampled_from([0.3, 1.0]), min_size=records, max_size=records))
    )
    cannot = pair_of(*draw(st.lists(st.sampled_from(pairs), max_size=2, unique=True)))
    return records, edges_of(weights, cannot=cannot, voice=voice), (alone,)


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_joining_all_over_the_file_at_once_is_joining_the_best_pair_of_all_each_time(graph):
    records, edges, alone = graph
    rule = Joining(cut=0.0, missing=-4.0)
    found = join(records, edges, rule, alone).tolist()
    assert found == plain_average(records, edges, rule, alone, at_once=False)
    assert found == plain_average(records, edges, rule, alone, at_once=True)


@settings(max_examples=60, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_edges_makes_no_difference(graph, random):
    records, edges, alone = graph
    order = list(range(len(edges.one)))
    random.shuffle(order)
    other = Edges(
        edges.other[order],
        edges.one[order],
        edges.weight[order],
        cannot=edges.cannot,
        voice=edges.voice,
    )
    found, same = (join(records, some, Joining(), alone) for some in (edges, other))
    assert found.tolist() == same.tolist()


def test_a_chain_of_likeness_does_not_join_its_ends():
    chain = {(0, 1): 8.0, (1, 2): 6.0, (2, 3): 8.0}
    found = join(4, edges_of(chain), Joining(missing=-4.0))
    assert found.tolist() == [0, 0, 2, 2]


def test_pairs_that_must_be_one_are_one_whatever_their_weight():
    edges = edges_of({(0, 1): -9.0}, must=pair_of((0, 1)))
    assert join(2, edges, Joining()).tolist() == [0, 0]


def test_pairs_that_cannot_be_one_stay_two_however_much_speaks_for_it():
    weights = {(0, 1): 12.0, (1, 2): 12.0, (0, 2): 12.0}
    found = join(3, edges_of(weights, cannot=pair_of((0, 2))), Joining())
    assert found[0] != found[2]


def test_two_tax_codes_are_two_people():
    weights = {(0, 1): 12.0, (1, 2): 9.0, (0, 2): 12.0}
    alone = (np.array([4, NONE, 7]),)
    assert join(3, edges_of(weights), Joining(), alone).tolist() == [0, 0, 2]


def test_nobody_holds_more_records_than_a_person_has():
    weights = {(a, b): 10.0 for a in range(6) for b in range(a + 1, 6)}
    found = join(6, edges_of(weights), Joining(largest=3))
    assert np.bincount(found).max() <= 3


def test_a_record_that_says_little_is_not_missed_in_comparisons():
    edges = {(0, 1): 9.0, (1, 2): 9.0, (0, 2): 9.0, (0, 3): 9.0}
    loud = join(4, edges_of(edges), Joining(missing=-8.0))
    quiet = join(4, edges_of(edges, voice=np.array([1.0, 1.0, 1.0, 0.0])), Joining(missing=-8.0))
    assert loud.tolist() == [0, 0, 0, 3]
    assert quiet.tolist() == [0, 0, 0, 0]


def test_copies_count_as_so_many_records():
    weights = {(0, 1): 5.0, (0, 2): 4.0, (1, 2): -6.0}
    apart = join(3, edges_of(weights), Joining(), copies=np.array([1, 1, 9]))
    assert apart.tolist() == [0, 0, 2]


def test_five_thousand_records_in_one_component_take_a_moment():
    rng = np.random.default_rng(3)
    person = np.arange(5_000) // 10
    one = rng.integers(0, 5_000, 120_000)
    other = np.where(rng.random(120_000) < 0.5, person[one] * 10 + rng.integers(0, 10, 120_000),
                     rng.integers(0, 5_000, 120_000))  # fmt: skip
    key = np.unique(np.minimum(one, other) * 5_000 + np.maximum(one, other))
    one, other = np.divmod(key[key // 5_000 != key % 5_000], 5_000)
    weight = np.where(person[one] == person[other], 9.0, -5.0).astype(np.float32)
    began = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    found = join(5_000, Edges(one, other, weight), Joining())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - began < 5
    assert (found == person * 10).mean() > 0.99
