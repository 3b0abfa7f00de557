"""An HTML file that needs nothing else: no script, no address, no network."""

from collections.abc import Iterable

from swingbreak import __version__
from swingbreak.reporting.markup import Content, Markup, tag
from swingbreak.reporting.style import STYLE

__all__ = ["SYNTHETIC", "banner", "colours", "document", "figure", "key"]

SYNTHETIC = "SYNTHETIC"

# Whatever a label says, the browser loads nothing and runs nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_CHOICES = ("auto", "light", "dark")


def document(title: str, *content: Content) -> str:
    """Return the file."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Markup(STYLE)),
    )
    main = tag("main", *content, tag("footer", f"swingbreak {__version__}"))
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', main), lang='en').text}\n"


def colours() -> Markup:
    """Return the choice of light or dark, which the style sheet alone obeys."""
    return tag(
        "fieldset",
        tag("legend", "Colours", class_="unseen"),
        *(tag("label", _choice(name), name) for name in _CHOICES),
        class_="colours",
    )


def banner(what: str) -> Markup:
    """Return the warning that *what*, a sentence, is made up."""
    text = f" {what} It shows how the engine behaves, not what it would earn."
    return tag("p", tag("strong", SYNTHETIC), text, class_="banner")


def figure(name: str, value: Content, kind: str | None = None) -> Markup:
    """Return one number of a list of them, under its name."""
    return tag("div", tag("dt", name), tag("dd", value), class_=kind)


def key(items: Iterable[tuple[str, str]], kind: str = "key") -> Markup:
    """Return what the marks of a chart mean: the class of each and its meaning."""
    return tag(
        "ul",
        *(
            tag("li", tag("i", class_=f"swatch {mark}", aria_hidden="true"), text)
            for mark, text in items
        ),
        class_=kind,
    )


def _choice(name: str) -> Markup:
    checked = "" if name == _CHOICES[0] else None
    return tag("input", type="radio", name="colours", id=f"colours-{name}", checked=checked)
