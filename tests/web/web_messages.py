"""Every text that the pages and pictures show, gathered from templates and code.

Run it to bring the catalogues up to date: `python tests/web/web_messages.py` adds new texts
(untranslated, so that the test of the catalogues names them) and drops those no longer used.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from tuttuno.measures.catalog import MEASURES
from tuttuno.measures.dimensions import DIMENSIONS
from tuttuno.measures.params import parameters
from tuttuno.studies.catalog import STUDIES
from tuttuno.web.page import folded

#: Units that are written the same in every language.
PLAIN_UNITS = ("", "1", "EUR")

ROOT = Path(__file__).parents[2] / "src" / "tuttuno"
METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
KEYWORDS = {"_": None, "say": None, "many": (1, 2), "ngettext": (1, 2), "gettext": None}
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}


def messages():
    """Return a catalogue of all texts, without translations."""
    catalog = Catalog(charset="utf-8")
    for folder in ("web", "chart"):
        found = extract_from_dir(
            str(ROOT / folder), METHODS, OPTIONS, keywords=KEYWORDS, strip_comment_tags=True
        )
        for name, _line, text, _comments, context in found:
            # the English plural of one text may be asked for in several places
            catalog.add(text, None, [(f"{folder}/{name}", 1)], context=context)
    for text in measured():
        catalog.add(text)
    return catalog


def measured():
    """Return what measures, dimensions and parameters say of themselves."""
    for measure in MEASURES.values():
        yield from (measure.label, measure.denominator, folded(measure.definition), *measure.notes)
        yield from (column.label for column in measure.columns)
        yield from (column.unit for column in measure.columns if column.unit not in PLAIN_UNITS)
    for study in STUDIES.values():
        yield from (study.label, *study.notes)
    yield from (dimension.label for dimension in DIMENSIONS)
    for parameter in parameters().values():
        yield from (parameter.doc, parameter.source)
        yield from () if parameter.unit in PLAIN_UNITS else (parameter.unit,)


def stored(language):
    """Return the catalogue of a language as it is kept."""
    with (ROOT / "web" / "locales" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def refresh(language):
    """Bring the kept catalogue up to date with the texts there are."""
    path = ROOT / "web" / "locales" / f"{language}.po"
    kept = stored(language) if path.exists() else Catalog(locale=language, charset="utf-8")
    kept.update(messages(), no_fuzzy_matching=True)
    kept.obsolete.clear()
    kept.fuzzy = False
    kept.header_comment = "# What the pages say in Italian; written for Italian, not word by word."
    kept.project, kept.version = "tuttuno", "0"
    kept.msgid_bugs_address = kept.last_translator = kept.language_team = "the tuttuno developers"
    with path.open("wb") as file:
        write_po(file, kept, width=96, omit_header=False, no_location=True, sort_output=True)


if __name__ == "__main__":
    refresh("it")
