"""How a page is made: template, language, theme, navigation, and the token for its forms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tuttuno.chart.naming import hue_of, named
from tuttuno.chart.picture import Picture
from tuttuno.chart.svg import svg
from tuttuno.errors import TuttunoError
from tuttuno.web.desk import Desk
from tuttuno.web.door import Door, Viewer
from tuttuno.web.finding import capital
from tuttuno.web.gate import form_token, keep_stranger
from tuttuno.web.locale import LANGUAGES, Speech
from tuttuno.web.menu import Section, menu
from tuttuno.web.units import of_unit

THEMES = ("light", "dark")

#: Each picture is drawn for these widths; the page shows the one that fits.
PAGE_WIDTHS = (920.0, 620.0, 340.0)
TILE_WIDTHS = (440.0, 340.0)


@dataclass(frozen=True, slots=True)
class House:
    """What every handler finds in `request.app.state.house`.

    Attributes:
        language: Of a reader who has not chosen one.
    """

    desk: Desk
    door: Door
    speeches: Mapping[str, Speech]
    templates: Mapping[str, Environment]
    language: str


def environments(speeches: Mapping[str, Speech]) -> dict[str, Environment]:
    """Make one template environment a language; an unknown name in a template is an error."""
    versions = _versions()
    made = {}
    for language, speech in speeches.items():
        environment = Environment(
            loader=PackageLoader("tuttuno.web", "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.install_gettext_callables(  # type: ignore[attr-defined]  # by the extension
            speech.catalogue.gettext, speech.catalogue.ngettext, newstyle=True
        )
        environment.globals.update(
            speech=speech,
            many=speech.many,
            draw=drawn,
            named=named,
            hue=hue_of,
            definition=paragraphs,
            written=coded,
            proper=proper,
            of_unit=of_unit,
            own_name=own_name,
            capital=capital,
            asset=lambda name: f"/static/{name}?v={versions.get(name, '0')}",
        )
        made[language] = environment
    return made


def house(request: Request) -> House:
    """Return what the app was made of."""
    found: House = request.app.state.house
    return found


def speech(request: Request) -> Speech:
    """Return how this reader is spoken to: by the switch, else as the project is."""
    chosen = request.cookies.get("language", "")
    home = house(request)
    return home.speeches[chosen if chosen in LANGUAGES else home.language]


def guide(request: Request) -> Speech:
    """Return the reader's speech with the names of the stores."""
    return replace(speech(request), places=house(request).desk.places())


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Render a template for this reader."""
    voice = speech(request)
    viewer = request.state.viewer
    theme = request.cookies.get("theme", "")
    shown = {
        "request": request,
        "viewer": viewer,
        "csrf": form_token(request),
        "theme": theme if theme in THEMES else "",
        "language": voice.language,
        "menu": _menu(request, viewer, voice) if viewer else (),
        "fresh": _freshness(request) if viewer else None,
        **context,
    }
    text = house(request).templates[voice.language].get_template(template).render(shown)
    response = HTMLResponse(text, status_code=status)
    response.headers["content-language"] = voice.language
    response.headers["vary"] = "Cookie"
    keep_stranger(request, response)
    return response


def drawn(picture: Picture, *, small: bool = False) -> Markup:
    """Draw a picture for each width that a page may have."""
    widths = TILE_WIDTHS if small else PAGE_WIDTHS
    return Markup("").join(
        # svg() escapes every text and attribute that it writes
        Markup(svg(picture, width=width, css=f"at-{width:.0f}"))  # noqa: S704 - escaped above
        for width in widths
    )


def paragraphs(definition: str, speech: Speech) -> list[str]:
    """Say a definition in the reader's language, as paragraphs of one line each."""
    whole = speech.say(folded(definition))
    return [" ".join(part.split()) for part in whole.split("\n\n")]


def coded(text: str) -> Markup:
    """Set the words between backticks as the code they are."""
    parts = escape(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts)
    )


def proper(name: str) -> str:
    """Write a name that a system keeps in one case as people write names.

    >>> proper("FILIPPO D'ANGELO"), proper("Rebecca Lo Bianco"), proper("anna costa")
    ("Filippo D'Angelo", 'Rebecca Lo Bianco', 'Anna Costa')
    """
    return name.title() if name.isupper() or name.islower() else name


def own_name(file: str) -> str:
    r"""Leave out the folders of a file, whichever system named it.

    >>> own_name("/exports/2026/sales.csv"), own_name("C:\\till\\sales.csv")
    ('sales.csv', 'sales.csv')
    """
    return file.replace("\\", "/").rstrip("/").rpartition("/")[2] or file


def folded(text: str) -> str:
    """Join the lines of each paragraph, so that a text is the same however it was wrapped."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def local(address: str, *, otherwise: str = "/") -> str:
    """Return an address only if it leads to a page of ours.

    >>> local("/people?x=1"), local("//evil.example"), local("https://evil.example/")
    ('/people?x=1', '/', '/')
    """
    parts = urlsplit(address)
    own = address.startswith("/") and not address.startswith(("//", "/\\"))
    clean = address.isprintable() and "\\" not in address
    return address if own and clean and not parts.netloc and not parts.scheme else otherwise


def _menu(request: Request, viewer: Viewer, voice: Speech) -> tuple[Section, ...]:
    names = {each.name for each in house(request).desk.measures()}
    return menu(viewer, voice, request.url.path, measures=names)


def _freshness(request: Request) -> Any:
    try:
        return house(request).desk.freshness()
    except TuttunoError:
        # The page that failed says so itself; its frame must not fail a second time.
        return None


def _versions() -> dict[str, str]:
    found = {}
    for package in ("tuttuno.web", "tuttuno.chart"):
        for file in (resources.files(package) / "static").iterdir():
            if file.is_file():
                found[file.name] = sha256(file.read_bytes()).hexdigest()[:8]
    vendor = resources.files("tuttuno.web") / "static" / "vendor"
    for file in vendor.iterdir():
        if file.is_file():
            found[f"vendor/{file.name}"] = sha256(file.read_bytes()).hexdigest()[:8]
    return found
