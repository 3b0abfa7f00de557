"""The frame of every page: navigation, how the engine is, and what must not be overlooked."""

import hashlib
from dataclasses import dataclass

from swingbreak import __version__
from swingbreak.bootstrap.viewing import Life, View
from swingbreak.domain.session import ist_clock
from swingbreak.reporting.document import SYNTHETIC
from swingbreak.reporting.markup import Content, Markup, joined, tag
from swingbreak.reporting.wording import day_text

__all__ = ["Page", "empty", "page", "problem", "told"]

_PLACES = (
    ("/", "Today"),
    ("/pipeline", "Pipeline"),
    ("/events", "Events"),
    ("/days", "Days"),
    ("/control", "Control"),
)
_REFRESH_S = "5"  # where there is no script
_UNTRUE = frozenset({Life.SILENT, Life.GONE})  # a banner says it
_LIFE = {
    Life.NONE: ("no engine", ""),
    Life.STARTING: ("starting", ""),
    Life.RUNNING: ("running", "running"),
    Life.SILENT: ("silent", "trouble"),
    Life.GONE: ("nobody runs", "trouble"),
    Life.ENDED: ("ended", ""),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a view has to say.

    Attributes:
        place: Which entry of the navigation it belongs to.
        live: Whether it changes by itself.
    """

    title: str
    place: str
    content: Markup
    live: bool = True


def page(view: View, shown: Page) -> tuple[str, str]:
    """Return the file, and the stamp of what it shows: equal for equal content."""
    content = joined(_header(view, shown.title), *_warnings(view), shown.content)
    stamp = hashlib.sha256(content.text.encode()).hexdigest()[:16] if shown.live else ""
    footer = tag("footer", f"swingbreak {__version__} \u00b7 {view.folder}")
    main = tag("main", content, footer, id="live", data_stamp=stamp or None)
    lost = "No answer from the dashboard: what is shown is old. Is its process still running?"
    body = tag(
        "body",
        _navigation(shown.place),
        tag("p", lost, id="lost", hidden="", role="alert"),
        main,
    )
    return _document(f"{shown.title} \u00b7 swingbreak", body, live=shown.live), stamp


def problem(title: str, text: str, *, link: bool = True) -> str:
    """Return a page that says what went wrong."""
    back = tag("p", tag("a", "Back to today", href="/")) if link else joined()
    body = tag("body", tag("main", tag("h1", title), tag("p", told(text)), back))
    return _document(title, body, live=False)


def empty(text: str) -> Markup:
    """Return the remark that there is nothing to show, and why."""
    return tag("p", told(text), class_="empty")


def told(text: str) -> Markup:
    """Return *text* with what stands between backticks set as what can be typed."""
    parts = text.split("`")
    return joined(*(tag("code", part) if i % 2 else part for i, part in enumerate(parts)))


def _document(title: str, body: Markup, *, live: bool) -> str:
    refresh = tag("meta", http_equiv="refresh", content=_REFRESH_S)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("link", rel="icon", href="data:,"),
        tag("link", rel="stylesheet", href="/style.css"),
        *((tag("noscript", refresh), tag("script", src="/live.js", defer="")) if live else ()),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en').text}\n"


def _navigation(place: str) -> Markup:
    links = (
        tag("li", tag("a", name, href=path, aria_current="page" if path == place else None))
        for path, name in _PLACES
    )
    return tag("nav", tag("ul", *links), aria_label="Views")


def _header(view: View, title: str) -> Markup:
    word, kind = _LIFE[view.life]
    pills: list[Content] = [_pill(word, kind)]
    said = view.headline if view.life not in {Life.RUNNING, *_UNTRUE} else ""
    board = view.board
    if board is not None:
        mode = board.process.mode
        pills.append(_pill(mode, "real" if mode == "live" else ""))
        clock = f"{day_text(board.day)}, {ist_clock(board.at)} IST \u00b7 {board.process.label}"
        said = f"{clock} \u00b7 {said}" if said else clock
    return tag("header", tag("h1", title, " ", *pills), tag("p", told(said)))


def _pill(word: str, kind: str) -> Markup:
    return tag("span", word, class_=f"pill {kind}".rstrip())


def _warnings(view: View) -> list[Markup]:
    board, found = view.board, list[Markup]()
    if view.lock_text:
        remedy = "; when all is well again, `swingbreak kill --reset REASON` takes the lock away."
        found.append(_warning("Killed. ", view.lock_text + remedy, alarmed=True))
    if view.life in _UNTRUE:
        found.append(_warning("Do not trust these numbers. ", view.headline, alarmed=True))
    if board is None:
        return found
    unprotected = [each for each in board.positions if each.unprotected]
    for each in unprotected:
        text = (
            f"{each.symbol}: {each.unprotected} units without a stop for {each.unprotected_s:.0f} s"
        )
        found.append(_warning("No stop. ", text, alarmed=True))
    if board.process.synthetic:
        found.append(_warning(f"{SYNTHETIC} ", "This market was made up.", alarmed=False))
    return found


def _warning(head: str, text: str, *, alarmed: bool) -> Markup:
    kind = "banner alarmed" if alarmed else "banner"
    return tag("p", tag("strong", head), told(text), class_=kind, role="alert" if alarmed else None)
