"""Pause, resume, flatten, kill: forms with a typed confirmation, and what became of each word."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from swingbreak.bootstrap.giving import Said
from swingbreak.bootstrap.viewing import Life, View
from swingbreak.dashboard.frame import Page, empty, told
from swingbreak.domain.control import Control
from swingbreak.reporting.markup import Markup, joined, tag

__all__ = ["OFFERED", "Told", "control", "mistake"]

_UNARMED: Final = (
    "This dashboard only shows. Start it with --armed to be able to act here; on the machine "
    "itself `swingbreak pause`, `flatten` and `kill` always work."
)
_NOBODY: Final = frozenset({Life.NONE, Life.GONE, Life.ENDED})


class _Offer(NamedTuple):
    title: str
    meaning: str
    is_danger: bool


OFFERED: Final[Mapping[Control, _Offer]] = {
    Control.PAUSE: _Offer(
        "Pause",
        "No entries from now on; resting ones are cancelled, positions keep their stops.",
        is_danger=False,
    ),
    Control.RESUME: _Offer("Resume", "The end of a pause.", is_danger=False),
    Control.FLATTEN: _Offer(
        "Flatten", "Everything is exited now, and the day is over.", is_danger=True
    ),
    Control.KILL: _Offer(
        "Kill",
        "Everything is exited now, and no day begins until `swingbreak kill --reset REASON`.",
        is_danger=True,
    ),
}


class Told(NamedTuple):
    """A word given from here, and what became of it."""

    clock: str
    said: Said
    reason: str


def control(
    view: View, given: Iterable[Told], *, armed: bool, token_for: Callable[[str], str]
) -> Page:
    """Return the forms, or why there are none; *token_for* gives a form's token."""
    parts: list[Markup] = [_told(given)]
    if not armed:
        parts.append(empty(_UNARMED))
    else:
        if view.life in _NOBODY:
            remark = "Nobody runs here: only a kill has an effect, it locks the next day."
            parts.append(tag("p", remark, class_="banner"))
        parts += [_form(each, token_for(each.value)) for each in OFFERED]
    return Page("Control", "/control", joined(*parts), live=False)


def mistake(action: Control, typed: str, reason: str) -> str:
    """Return what is wrong with a form that was sent; empty where nothing is."""
    word = OFFERED[action].title.upper()
    if typed.strip() != word:
        return f"{typed.strip()!r} was typed where {word} confirms: nothing was done"
    if action is Control.KILL and not reason.strip():
        return "a kill needs a reason: nothing was done"
    return ""


def _form(action: Control, token: str) -> Markup:
    offer = OFFERED[action]
    word, needs = offer.title.upper(), action is Control.KILL
    return tag(
        "form",
        tag("h2", offer.title),
        tag("p", told(offer.meaning)),
        tag("input", type="hidden", name="token", value=token),
        _field(
            f"{action}-reason",
            "reason",
            "Why, for the record" + ("; needed" if needs else ""),
            required="" if needs else None,
        ),
        _field(
            f"{action}-word",
            "word",
            f"Type {word} to confirm",
            required="",
            pattern=f" *{word} *",
            title=word,
            autocapitalize="characters",
        ),
        tag("button", offer.title, type="submit"),
        method="post",
        action=f"/control/{action}",
        class_="danger" if offer.is_danger else None,
    )


def _field(name: str, key: str, label: str, **attributes: str | None) -> Markup:
    field = tag(
        "input", type="text", id=name, name=key, autocomplete="off", maxlength="200", **attributes
    )
    return joined(tag("label", label, for_=name), field)


def _told(given: Iterable[Told]) -> Markup:
    rows = [_answer(each) for each in given]
    return tag("ol", *rows, class_="events") if rows else joined()


def _answer(each: Told) -> Markup:
    said = each.said
    reason = f" ({each.reason})" if each.reason else ""
    head = tag("b", said.control.value, "" if said.done else " NOT DONE")
    return tag(
        "li",
        tag("time", each.clock),
        tag("div", head, tag("span", f"{said.text}{reason}")),
        class_=None if said.done else "trouble",
    )
