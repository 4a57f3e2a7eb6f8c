"""An effect is answered once on a release, kept with it, and asked again in the same words."""

import pytest

from tests.cli.command import tuttuno
from tests.projects import make_release
from tuttuno.errors import Unknown
from tuttuno.studies.catalog import STUDIES
from tuttuno.tasks.build import build
from tuttuno.tasks.estimate_effect import declaration, effect_key, estimate_effect
from tuttuno.tasks.open_release import find_release
from tuttuno.vault import releases

__all__ = ["tuttuno"]


def asked(workspace, name, effects, opener):
    return estimate_effect(
        name,
        release=find_release(workspace.vault),
        vault=workspace.vault,
        opener=opener,
        effects=effects,
    )


def never(_release):
    pytest.fail("the answer should have been remembered")


def test_a_build_answers_every_study(shop):
    workspace = shop.open()
    for name in STUDIES:
        found = asked(workspace, name, {}, never)
        assert found.effect == name
        assert found.diagnostics["stored_with"]["release"] == 1


def test_another_declaration_is_another_question_answered_once(own_shop):
    workspace = own_shop.open()
    effects = {"cannibalisation": {"population": {"province": ["MI"]}}}
    first = asked(workspace, "cannibalisation", effects, workspace.reading().open)
    assert first.diagnostics["declared"]["population"] == {"province": ["MI"]}
    assert asked(workspace, "cannibalisation", effects, never) == first


def test_a_build_with_nothing_new_keeps_the_answers_it_has(own_shop):
    workspace = own_shop.open()
    make_release(workspace)
    assert find_release(workspace.vault).number == 2
    for name in STUDIES:
        assert asked(workspace, name, {}, never).diagnostics["stored_with"]["release"] == 1


def test_what_is_kept_is_in_the_vault_under_the_release(shop):
    workspace = shop.open()
    with workspace.vault.read() as con:
        text = releases.load_answer(con, 1, effect_key(declaration("loyalty_effect", {})))
    assert '"effect":"loyalty_effect"' in text


def test_a_wrong_declaration_stops_a_build_before_it_begins(own_shop):
    workspace = own_shop.open()
    settings = workspace.build
    wrong = type(settings)(
        identity=settings.identity,
        params=settings.params,
        config_hash="x",
        effects={"loyalty": {}},
    )
    with pytest.raises(Unknown, match="loyalty"):
        build(workspace.stores, workspace.engine(), settings=wrong)
    with workspace.vault.read() as con:
        assert len(releases.releases(con)) == 1


def test_the_command_line_says_why_there_is_no_number(shop, tuttuno):
    said = tuttuno("-C", shop.root, "effect", "cannibalisation")
    assert "The data cannot answer this question." in said.out
    assert "refused:" in said.out
