"""Every picture that has an axis says what it measures, for all measures and effects there are."""

import pytest

from tuttuno.chart.effect_pictures import effect_pictures
from tuttuno.chart.picture import Bars, Dots, Events, Lines
from tuttuno.chart.pictures import BESIDE, SPLITS, further_pictures, picture
from tuttuno.chart.voice import PlainVoice
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES
from tuttuno.studies.catalog import STUDIES
from tuttuno.tasks.estimate_effect import estimate_effect
from tuttuno.tasks.measure import measure
from tuttuno.tasks.open_release import find_release

VOICE = PlainVoice()


@pytest.fixture(scope="module")
def release(shop, tmp_path_factory):
    """A copy, because an answer to a new question is remembered."""
    with shop.copied(tmp_path_factory.mktemp("axes")) as workspace:
        yield workspace, find_release(workspace.vault), workspace.reading()


@pytest.fixture(scope="module")
def asked(release):
    """Answer a measure on the release of the shop."""
    workspace, found, reading = release

    def answer(name, ask=None):
        return measure(
            name, ask or Ask(), release=found, vault=workspace.vault, opener=reading.open, params={}
        )

    return answer


def nameless(pictures):
    """Return the pictures that do not say what their values or their steps are."""
    return [
        each.title
        for each in pictures
        if isinstance(each, Bars | Dots | Lines | Events)
        and not (each.axis and getattr(each, "steps_text", "-"))
    ]


@pytest.mark.parametrize("name", MEASURES)
def test_every_picture_of_a_measure_names_its_axes(asked, name):
    answer = asked(name)
    splits = {by: asked(name, Ask(by=(by,))) for by in SPLITS.get(name, ())}
    beside = [asked(other) for other in BESIDE.get(name, ())]
    drawn = [picture(answer, VOICE), *further_pictures(answer, VOICE, splits=splits, beside=beside)]
    assert nameless(drawn) == []


@pytest.mark.parametrize("name", ["coverage", "growth", "click_and_collect", "returns"])
def test_a_picture_over_time_names_its_steps(asked, name):
    drawn = picture(asked(name, Ask(by=("month",))), VOICE)
    assert nameless([drawn]) == []


@pytest.mark.parametrize("name", STUDIES)
def test_every_picture_of_an_effect_names_its_axes(release, name):
    workspace, found, reading = release
    told = estimate_effect(
        name, release=found, vault=workspace.vault, opener=reading.open, effects={}
    )
    assert nameless(effect_pictures(told.as_dict(), VOICE)) == []
