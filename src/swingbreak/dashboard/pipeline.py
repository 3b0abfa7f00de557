"""From swings to the one that is sold under, and why the others are not."""

from swingbreak.adapters.board import Board, CandidateNow, Funnel
from swingbreak.bootstrap.viewing import View
from swingbreak.dashboard.frame import Page, empty
from swingbreak.dashboard.tables import candidates_table, option_link
from swingbreak.dashboard.today import NOTHING
from swingbreak.reporting.markup import Content, Markup, joined, tag
from swingbreak.reporting.wording import counted

__all__ = ["pipeline"]

_NAMES = {"CE": "Calls", "PE": "Puts"}


def pipeline(view: View) -> Page:
    """Return the selection as it stands."""
    board = view.board
    if board is None:
        return Page("Pipeline", "/pipeline", empty(view.trouble or NOTHING))
    sides = (_side(board, funnel) for funnel in board.funnels)
    return Page("Pipeline", "/pipeline", joined(_barred(board), *sides))


def _barred(board: Board) -> Markup:
    if not board.standing.barred:
        return joined()
    why = board.standing.barred.replace("_", " ")
    return tag("p", tag("strong", "Nothing at all is entered now: "), why, class_="banner")


def _side(board: Board, funnel: Funnel) -> Markup:
    name = _NAMES.get(funnel.right, funnel.right)
    ours = sorted((each for each in board.candidates if each.right == funnel.right), key=_nearness)
    near = [each for each in ours if each.state == "armed"]
    far = [each for each in ours if each.state != "armed"]
    shown = (
        candidates_table(f"Armed {name.lower()}", near)
        if near
        else empty(f"No level of the {name.lower()} is armed.")
    )
    rest = tag(
        "details",
        tag("summary", f"{counted(len(far), 'contract')} without an armed level, and why"),
        candidates_table(f"Other {name.lower()}", far),
        id=f"others-{funnel.right}",
        open="",
    )
    return tag("section", tag("h2", name), _steps(funnel), shown, rest if far else joined())


def _steps(funnel: Funnel) -> Markup:
    best: Content = option_link(funnel.best, "best-") if funnel.best else "none"
    steps: list[Content] = []
    for count, what in (
        (funnel.symbols, "contracts"),
        (funnel.swings, "swing lows"),
        (funnel.passed, "pass price and VWAP"),
        (funnel.armed, "armed"),
        (funnel.qualified, "qualify"),
    ):
        steps += [tag("b", str(count)), tag("span", f"{what} \u203a")]
    return tag("p", *steps, tag("span", "best:"), tag("b", best), class_="steps")


def _nearness(each: CandidateNow) -> tuple[bool, int, str]:
    return not each.place, each.place, each.symbol
