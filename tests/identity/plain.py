"""The law of joining without its shortcuts, as slow as it is plain: the oracle of its tests."""

from collections import defaultdict

import numpy as np

from tuttuno.identity.connected import components
from tuttuno.identity.decided import NOTHING
from tuttuno.identity.joining import NEVER


def plain_join(groups, order_of, may_be_one, *, at_once):
    """Join groups that are each other's best, or the best two of all, until none may be joined.

    `order_of` two groups is lower the better, and None where nothing ties them.
    """
    groups = [frozenset(group) for group in groups]
    while True:
        ways = {}
        for at, left in enumerate(groups):
            for right in groups[at + 1 :]:
                order = order_of(left, right)
                if order is not None and may_be_one(left, right):
                    ways[left, right] = order
        if not ways:
            return groups
        best = defaultdict(list)
        for pair, order in ways.items():
            for group in pair:
                best[group].append(order)
        chosen = [
            (left, right)
            for (left, right), order in ways.items()
            if order == (min(best[left] + best[right]) if at_once else min(ways.values()))
        ]
        for left, right in chosen if at_once else chosen[:1]:
            groups = [group for group in groups if group not in {left, right}] + [left | right]


def firsts(records, groups):
    """The first record of each record's group."""
    found = {record: min(group) for group in groups for record in group}
    return [found[record] for record in range(records)]


def plain_average(records, edges, rule, alone, *, at_once):
    """`join` by average link; no person has two values of a column of `alone`."""
    label = components(records, *edges.must).tolist()
    start = [[r for r in range(records) if label[r] == one] for one in sorted(set(label))]
    weight = {}
    rows = zip(edges.one.tolist(), edges.other.tolist(), edges.weight.tolist(), strict=True)
    for one, other, bits in rows:
        weight[min(one, other), max(one, other)] = float(np.clip(bits, rule.least, rule.most))
    for one, other in zip(*(side.tolist() for side in edges.cannot), strict=True):
        weight[min(one, other), max(one, other)] = NEVER

    def order_of(left, right):
        between = [(min(a, b), max(a, b)) for a in left for b in right]
        if not any(pair in weight for pair in between):
            return None
        known = [weight.get(pair, rule.missing * _voice(edges, pair)) for pair in between]
        average = sum(known) / len(between)
        return -average if average >= rule.cut else None

    def may_be_one(left, right):
        both = [{int(values[r]) for r in left | right} - {-1} for values in alone]
        return len(left) + len(right) <= rule.largest and all(len(one) < 2 for one in both)

    return firsts(records, plain_join(start, order_of, may_be_one, at_once=at_once))


def _voice(edges, pair):
    return float(np.prod(edges.voice[list(pair)])) if len(edges.voice) else 1.0


def plain_clusters(evidence, ties, limits, rules, judge, decided=NOTHING):
    """Return the first record of each record's person; `ties` are pairs, the best first.

    Persons that stewards joined are joined last; in a group where that would bring together
    whom they keep apart, first.
    """
    must = list(zip(decided.must.tolist(), decided.together.tolist(), strict=True))
    linked = {record: {record} for record in range(evidence.records)}
    unite(linked, [*ties, *must])
    persons = []
    for group in {min(group): group for group in linked.values()}.values():
        mine, said = ([p for p in pairs if p[0] in group] for pairs in (ties, must))
        guard = guard_of(evidence, limits, rules, judge, decided)
        person = {record: {record} for record in group}
        together = put_together(person, mine, guard)
        unite(together, said)
        if any(b in together[a] for a, b in decided.forbidden if a in group):
            unite(person, said)
            together = put_together(person, mine, guard)
        persons += together.values()
    return firsts(evidence.records, persons)


def guard_of(evidence, limits, rules, judge, decided):
    def may_be_one(left, right):
        apart = any((a, b) in decided.forbidden for a in left for b in right)
        small = len(left) + len(right) <= rules.largest
        return small and not apart and agree(left, right, evidence, limits, judge)

    return may_be_one


def put_together(person, ties, may_be_one):
    rank = {}
    for at, (one, other) in enumerate(ties):
        rank.setdefault((one, other), at)

    def order_of(left, right):
        between = [rank[p] for a in left for b in right for p in ((a, b), (b, a)) if p in rank]
        return min(between, default=None)

    start = {frozenset(group) for group in person.values()}
    found = map(set, plain_join(start, order_of, may_be_one, at_once=True))
    return {record: group for group in found for record in group}


def unite(person, pairs):
    for one, other in pairs:
        left, right = person[one], person[other]
        if left is not right:
            left |= right
            person.update(dict.fromkeys(right, left))


def agree(left, right, evidence, limits, judge):
    face = evidence.face
    if any(judge.contradict(int(face[a]), int(face[b])) for a in left for b in right):
        return False
    mine, yours = limits.carried(left), limits.carried(right)
    for code, most in enumerate(limits.most.tolist()):
        left_has = {value for kind, value in mine if kind == code}
        right_has = {value for kind, value in yours if kind == code}
        if len(left_has | right_has) > max(most, len(left_has), len(right_has)):
            return False
    return True
