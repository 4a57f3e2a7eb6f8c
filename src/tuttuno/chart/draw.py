"""An answer as an SVG file: what `--chart FILE.svg` of a measure or an effect writes."""

from collections.abc import Mapping
from typing import Any

from tuttuno.chart.effect_pictures import effect_pictures
from tuttuno.chart.pictures import picture
from tuttuno.chart.svg import svg_file
from tuttuno.chart.voice import PlainVoice, Voice
from tuttuno.errors import BadInput
from tuttuno.measures.answer import Answer


class NothingToDraw(BadInput):
    """The answer has no rows, or none with a figure."""

    def __init__(self, measure: str) -> None:
        self.measure = measure
        super().__init__(
            f"the answer to {measure} holds nothing to draw", hint="choose another period or filter"
        )


def draw(answer: Answer, *, voice: Voice | None = None, width: float = 720.0) -> str:
    """Draw an answer for a file, fonts and colours inside; in plain English by default.

    Raises:
        NothingToDraw: There is no figure to draw.
    """
    found = picture(answer, voice or PlainVoice())
    if found is None:
        raise NothingToDraw(answer.measure)
    return svg_file(found, width=width)


def draw_effect(plain: Mapping[str, Any], *, voice: Voice | None = None) -> str:
    """Draw the path of an effect, from its answer as plain values.

    Raises:
        NothingToDraw: There is no path to draw.
    """
    found = effect_pictures(plain, voice or PlainVoice())
    if not found:
        raise NothingToDraw(str(plain["effect"]))
    return svg_file(found[0])
