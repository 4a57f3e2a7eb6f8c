"""The law of clusters without its shortcuts, as slow as it is plain: the oracle of their tests."""

from tuttuno.identity.decided import NOTHING


def plain_clusters(evidence, ties, limits, judge, decided=NOTHING):
    """Return the first record of each record's person; `ties` are pairs, the best first.

    Persons that stewards joined are joined last; in a group where that would bring together
    whom they keep apart, first.
    """
    must = list(zip(decided.must.tolist(), decided.together.tolist(), strict=True))
    linked = {record: {record} for record in range(evidence.records)}
    for pair in [*ties, *must]:
        unite(linked, *pair)
    found = {}
    for group in map(frozenset, linked.values()):
        if min(group) in found:
            continue
        mine, said = ([p for p in pairs if p[0] in group] for pairs in (ties, must))
        person = put_together(group, mine, evidence, limits, judge, decided.forbidden)
        for pair in said:
            unite(person, *pair)
        if any(b in person[a] for a, b in decided.forbidden if a in group):
            person = {record: {record} for record in group}
            for pair in said:
                unite(person, *pair)
            add_ties(person, mine, evidence, limits, judge, decided.forbidden)
        found |= person
    return [min(found[record]) for record in range(evidence.records)]


def put_together(group, *how):
    person = {record: {record} for record in group}
    add_ties(person, *how)
    return person


def add_ties(person, ties, evidence, limits, judge, forbidden):
    for one, other in ties:
        left, right = person[one], person[other]
        apart = any((a, b) in forbidden for a in left for b in right)
        if left is not right and not apart and may_be_one(left, right, evidence, limits, judge):
            unite(person, one, other)


def unite(person, one, other):
    left, right = person[one], person[other]
    if left is not right:
        left |= right
        person.update(dict.fromkeys(right, left))


def may_be_one(left, right, evidence, limits, judge):
    if len(left) + len(right) > limits.records:
        return False
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
