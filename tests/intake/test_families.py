"""Parents and children of one file are brought together, whatever stands between them."""

import pytest

from tuttuno.intake.families import Heaps, Piece


def piece(number, key, parent="", **value):
    return Piece(number, key, parent, {"id": key, **value})


def gathered(folder, pieces, heaps=1):
    """Numbers of each parent and its children, as they come out."""
    with Heaps([folder / f"heap-{n}" for n in range(heaps)]) as dealt:
        for each in pieces:
            dealt.deal(each)
        found = list(dealt.families())
    assert list(folder.iterdir()) == []
    return sorted(
        (one.parent.number if one.parent else 0, [child.number for child in one.children])
        for one in found
    )


@pytest.mark.parametrize("heaps", [1, 7])
def test_children_join_their_parent_wherever_they_stand(tmp_path, heaps):
    pieces = [piece(n, f"order {n}") for n in range(1, 41)]
    pieces += [piece(n, f"line {n}", f"order {n % 40 + 1}") for n in range(41, 161)]
    pieces.sort(key=lambda each: each.number * 73 % 161)
    expected = {n: [] for n in range(1, 41)}
    for each in pieces:
        if each.parent:
            expected[each.number % 40 + 1].append(each.number)
    assert gathered(tmp_path, pieces, heaps) == sorted(expected.items())


def test_children_whose_parent_never_came_stay_together(tmp_path):
    pieces = [piece(1, "a", "lost"), piece(2, "order"), piece(3, "b", "lost")]
    assert gathered(tmp_path, pieces) == [(0, [1, 3]), (2, [])]


def test_a_parent_that_comes_twice_is_judged_twice_and_the_first_has_the_children(tmp_path):
    pieces = [piece(1, "line", "order"), piece(2, "order"), piece(3, "order"), piece(4, "order")]
    assert gathered(tmp_path, pieces) == [(2, [1]), (3, []), (4, [])]


def test_a_piece_comes_back_as_it_went(tmp_path):
    went = piece(1, "order", text="né “sì”", inside={"deep": [1, None, True, "2.50"]})
    with Heaps([tmp_path / "heap"]) as dealt:
        dealt.deal(went)
        (family,) = dealt.families()
    assert (family.parent, family.children) == (went, [])
