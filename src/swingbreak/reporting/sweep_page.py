"""A sweep as one HTML file that needs nothing else."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from swingbreak.reporting.document import colours, document, figure, key
from swingbreak.reporting.heat_map import HEAT_KEY, heat_map, heat_table
from swingbreak.reporting.markup import Markup, joined, tag
from swingbreak.reporting.plane import planes_of
from swingbreak.reporting.sweep_view import Doubt, SweepView, Tried, best_first
from swingbreak.reporting.tables import cell, gain, table
from swingbreak.reporting.walk_forward import Step, Walk
from swingbreak.reporting.wording import (
    counted,
    day_text,
    grouped,
    plain_r,
    r_text,
    ratio_text,
    share_text,
    signed_money,
)

__all__ = ["render_sweep"]

_BEST: Final = 20
_EVEN, _SURE = 0.5, 0.95
_OBJECTIVES: Final = {
    "sharpe": "Sharpe ratio a day",
    "net_r": "net of all days in R",
    "worst_day": "worst day in R",
}


def render_sweep(view: SweepView, doubt: Doubt, walk: Walk | None) -> str:
    """Return the page of *view*.

    Args:
        view: The sweep, of one set and one day at least.
        doubt: How far its best set may be luck.
        walk: Over it; ``None`` where there are too few days.
    """
    return document(
        f"{view.label} \u00b7 {view.objective}",
        _header(view),
        _figures(view, doubt),
        _remarks(view, doubt),
        _planes(view),
        _forward(view, walk),
        _sets(view),
    )


def _header(view: SweepView) -> Markup:
    first, last = day_text(view.days[0]), day_text(view.days[-1])
    days = f"{counted(len(view.days), 'trading day')}, {first} to {last}"
    objective = _OBJECTIVES[view.objective]
    return tag(
        "header",
        colours(),
        tag("h1", view.label),
        tag("p", f"{days} \u00b7 {view.fills} fills \u00b7 compared by {objective}"),
    )


def _figures(view: SweepView, doubt: Doubt) -> Markup:
    best = best_first(view)[0]
    point = ", ".join(f"{name} {value}" for name, value in best.point.items())
    found = [
        figure("best set", gain(best.net, plain_r(best.net_r)), "big"),
        figure("its settings", point),
        figure("its Sharpe ratio a day", ratio_text(best.sharpe)),
        figure("its drawdown", plain_r(-best.drawdown_r)),
    ]
    if doubt.deflated is not None:
        found.append(figure("better than luck", share_text(doubt.deflated)))
    if doubt.overfitting is not None:
        found.append(figure("overfitted", share_text(doubt.overfitting.probability)))
    return tag("dl", *found)


def _remarks(view: SweepView, doubt: Doubt) -> Markup:
    items = [
        tag("li", text, class_="warning" if is_warning else None)
        for text, is_warning in _doubts(doubt)
    ]
    return tag(
        "section",
        tag("h2", "How far to trust it"),
        tag("ul", *items, *(tag("li", note) for note in view.notes), class_="remarks"),
    )


def _doubts(doubt: Doubt) -> Iterator[tuple[str, bool]]:
    if doubt.deflated is None:
        yield "The days are too few, or too alike, to say how far the best set is luck.", True
    else:
        text = (
            f"The probability is {share_text(doubt.deflated)} that the best set is better than the "
            f"best of {counted(doubt.trials, 'worthless set')} looks: deflated Sharpe ratio."
        )
        yield text, doubt.deflated < _SURE
    if doubt.overfitting is not None:
        probability, halves, losing = doubt.overfitting
        text = (
            "The best set of one half of the days is no better than the median in the other half "
            f"in {share_text(probability)} of {grouped(halves)} ways to halve them, and loses "
            f"there in {share_text(losing)}: probability of backtest overfitting."
        )
        yield text, probability >= _EVEN


def _planes(view: SweepView) -> Markup:
    objective = _OBJECTIVES[view.objective]
    drawn = [
        tag(
            "figure",
            heat_map(plane, place, objective),
            tag("figcaption", f"{plane.across} across, {plane.down} down"),
            tag("details", tag("summary", "as numbers"), heat_table(plane, objective)),
        )
        for place, plane in enumerate(planes_of(view), 1)
    ]
    if not drawn:
        return joined()
    lead = (
        f"Each cell is the median {objective} of all sets with these two values, whatever their "
        "others. A good cell among bad ones is luck; look for a broad, even one."
    )
    return tag(
        "section",
        tag("h2", "Two settings at a time"),
        tag("p", lead, class_="lead"),
        key(HEAT_KEY),
        *drawn,
    )


def _forward(view: SweepView, walk: Walk | None) -> Markup:
    if walk is None:
        told: Markup | str = (
            "There are too few days to choose on 40 and judge the next: swingbreak walkforward "
            "takes other numbers, and writes this page anew."
        )
        return tag("section", tag("h2", "Out of sample"), tag("p", told))
    names = ("chosen on", ">days", *view.keys, ">R a day", "judged on", ">days", ">R a day")
    lead = "Settings chosen on earlier days alone, judged on the days that follow."
    if walk.efficiency is not None:
        lead += f" The judged days made {share_text(walk.efficiency)} of what those before had."
    return tag(
        "section",
        tag("h2", "Out of sample"),
        tag("p", lead, class_="lead"),
        table("Out of sample", (*names, ">rank"), (_step(view, step) for step in walk.steps)),
    )


def _step(view: SweepView, step: Step) -> Markup:
    return tag(
        "tr",
        tag("th", *_span(step.chosen_on), scope="row"),
        cell(grouped(len(step.chosen_on))),
        *(tag("td", step.chosen.point[name]) for name in view.keys),
        cell(_gain(step.before)),
        tag("td", *_span(step.judged_on)),
        cell(grouped(len(step.judged_on))),
        cell(_gain(step.after)),
        cell(f"{grouped(step.rank)} of {grouped(len(view.tried))}"),
    )


def _span(days: Sequence[date]) -> tuple[Markup, str, Markup]:
    # a narrow column breaks between two dates and not within one
    first, last = f"{days[0]} to", str(days[-1])
    return tag("span", first, class_="number"), " ", tag("span", last, class_="number")


def _gain(r_a_day: float) -> Markup:
    return gain(round(r_a_day * 1000), plain_r(r_a_day, digits=3))


def _sets(view: SweepView) -> Markup:
    names = (">set", *view.keys, ">trades", ">net", ">R", ">Sharpe a day", ">drawdown")
    shown = best_first(view)[:_BEST]
    title = f"The best {len(shown)} of {counted(len(view.tried), 'set')}"
    return tag(
        "section",
        tag("h2", title),
        table(title, names, (_set(view, each) for each in shown)),
        tag("p", "sets.csv has them all.", class_="lead"),
    )


def _set(view: SweepView, tried: Tried) -> Markup:
    return tag(
        "tr",
        cell(grouped(tried.number)),
        *(tag("td", tried.point[name]) for name in view.keys),
        cell(grouped(tried.trades)),
        cell(gain(tried.net, signed_money(tried.net))),
        cell(gain(tried.net, r_text(tried.net, tried.r_value))),
        cell(ratio_text(tried.sharpe)),
        cell(plain_r(-tried.drawdown_r)),
    )
