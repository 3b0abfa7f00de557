"""A run of many days as one HTML file that needs nothing else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from swingbreak.domain.money import Paise
from swingbreak.reporting.calendar_chart import calendar_chart
from swingbreak.reporting.document import SYNTHETIC, banner, colours, document, key
from swingbreak.reporting.histogram import histogram
from swingbreak.reporting.markup import Markup, joined, tag
from swingbreak.reporting.remarks import Remark
from swingbreak.reporting.resampling import Bands
from swingbreak.reporting.rule_ledger import RuleLine
from swingbreak.reporting.run_curves import (
    bands_chart,
    course,
    drawdown_chart,
    equity_chart,
    fall_text,
    model_kinds,
    models_chart,
)
from swingbreak.reporting.run_figures import run_figures
from swingbreak.reporting.run_numbers import RunNumbers
from swingbreak.reporting.run_statistics import DAYS_A_YEAR, Totals, trades_of
from swingbreak.reporting.run_tables import (
    breakdown_table,
    costs_table,
    depths_table,
    models_table,
    months_table,
    rules_table,
    settings_table,
)
from swingbreak.reporting.run_view import RunDay, RunView
from swingbreak.reporting.tables import gain
from swingbreak.reporting.trade_chart import TRADE_KEY, trade_chart
from swingbreak.reporting.trade_list import trade_list
from swingbreak.reporting.trade_picture import TradePicture, told
from swingbreak.reporting.wording import (
    counted,
    day_text,
    grouped,
    money,
    r_text,
    share_text,
    signed_money,
)

__all__ = ["render_run"]

_IN_THE_BANNER: Final = "synthetic"
_MOST_NOTES: Final = 12
_DASH: Final = "\u2013"
_KINDS: Final = {
    "backtest": "backtest",
    "paper": "paper: no real orders",
    "live": "live: real orders",
}
_CALENDAR_KEY: Final = (
    ("gained", "gained; the fuller, the more: up to 0.5, 1, 2 R, and beyond"),
    ("fell", "lost, with a bar across it, shaded likewise"),
    ("idle", "no trade"),
)
_BANDS_KEY: Final = (
    ("headline", "this run"),
    ("median", "the middle of the drawn runs"),
    ("narrow", "half of them"),
    ("wide", "90 of 100 of them"),
)


def render_run(run: RunView, numbers: RunNumbers, pictures: Sequence[TradePicture] = ()) -> str:
    """Return the page of *run*.

    Args:
        run: The run.
        numbers: Of the run.
        pictures: Notable trades on their minutes, where the bars are at hand.
    """
    totals = numbers.totals
    return document(
        _title(run, totals),
        _header(run),
        run_figures(run, totals),
        _remarks(numbers.remarks),
        *(_days_told(run, numbers) if run.days else (tag("p", "The run has no day."),)),
        _rules(run, numbers.rules),
        _pictures(pictures),
        _trades(run),
        _settings(run.settings),
        _notes(run),
    )


def _title(run: RunView, totals: Totals) -> str:
    parts = [SYNTHETIC] if _made_up(run) else []
    return " \u00b7 ".join([*parts, run.label, run.kind, r_text(totals.net, run.r_value)])


def _made_up(run: RunView) -> int:
    return sum(day.synthetic for day in run.days)


def _header(run: RunView) -> Markup:
    made, days = _made_up(run), len(run.days)
    which = "Every day's" if made == days else f"{made} of {days} days'"
    return tag(
        "header",
        colours(),
        tag("h1", run.label),
        tag("p", f"{_span(run.days)} \u00b7 {_KINDS.get(run.kind, run.kind)}{_fills(run.fills)}"),
        banner(f"{which} market was made up.") if made else joined(),
    )


def _span(days: Sequence[RunDay]) -> str:
    if not days:
        return "no day"
    if len(days) == 1:
        return day_text(days[0].day)
    first, last = day_text(days[0].day), day_text(days[-1].day)
    return f"{counted(len(days), 'trading day')}, {first} to {last}"


def _fills(name: str) -> str:
    return f" \u00b7 {name} fills" if name else ""


def _remarks(remarks: Iterable[Remark]) -> Markup:
    items = [
        tag("li", each.text, class_="warning" if each.is_warning else None)
        for each in remarks
        if each.kind != _IN_THE_BANNER
    ]
    if not items:
        items = [tag("li", "Nothing that would make a reader doubt it.")]
    return tag("section", tag("h2", "Remarks"), tag("ul", *items, class_="remarks"))


def _days_told(run: RunView, numbers: RunNumbers) -> tuple[Markup, ...]:
    totals = numbers.totals
    return (
        _equity(run, totals),
        _models(run, numbers.models),
        _luck(run, numbers),
        _calendar(run),
        *(_made_where(run, numbers) if totals.trades else ()),
    )


def _equity(run: RunView, totals: Totals) -> Markup:
    drawn = [tag("figure", equity_chart(run, totals), tag("figcaption", course(run, totals)))]
    fall = tag("figcaption", fall_text(totals, run.r_value))
    if totals.drawdown.depth:
        drawn.append(tag("figure", tag("h3", "Drawdown"), drawdown_chart(run, totals), fall))
    lead = (
        f"Net of all charges, at every day's close; one R of the account is {money(run.r_value)}."
    )
    return tag("section", tag("h2", "Result"), tag("p", lead, class_="lead"), *drawn)


def _models(run: RunView, models: Mapping[str, Totals]) -> Markup:
    if len(models) == 1:
        return joined()
    lead = (
        "The same days and rules, filled more or less generously. The first line is the headline; "
        "truth should lie between the outer two."
    )
    kinds = ("headline" if kind == "curve" else kind for kind in model_kinds(len(models)))
    return tag(
        "section",
        tag("h2", "Fill models"),
        tag("p", lead, class_="lead"),
        models_table(models, run.r_value),
        tag("figure", _inline(zip(kinds, models, strict=True)), models_chart(run)),
    )


def _luck(run: RunView, numbers: RunNumbers) -> Markup:
    bands, totals = numbers.bands, numbers.totals
    if bands is None or not totals.trades:
        return joined()
    lead = (
        f"{grouped(bands.paths)} runs of {counted(len(run.days), 'day')} each, drawn at random "
        f"from the days of this one (seed {bands.seed}). {_shares(bands)}"
    )
    return tag(
        "section",
        tag("h2", "Luck"),
        tag("p", lead, class_="lead"),
        tag("figure", _inline(_BANDS_KEY), bands_chart(run, bands)),
        depths_table(bands, totals, run.r_value),
    )


def _shares(bands: Bands) -> str:
    return (
        f"{share_text(bands.losing)} of them end below zero, {share_text(bands.deeper)} have a "
        "deeper drawdown than this one had."
    )


def _calendar(run: RunView) -> Markup:
    return tag(
        "section",
        tag("h2", "Calendar"),
        tag("figure", _inline(_CALENDAR_KEY), calendar_chart(run)),
        months_table(run.days, run.r_value),
    )


def _made_where(run: RunView, numbers: RunNumbers) -> tuple[Markup, ...]:
    spread = tag("figure", histogram(each.trade.r for each in trades_of(run.days)))
    lead = (
        "Slippage is what fills cost against the triggers of their orders, charges are the "
        "broker's, the exchange's and the state's."
    )
    return (
        tag("section", tag("h2", "Distribution of trades"), spread),
        tag(
            "section",
            tag("h2", "Where it was made"),
            breakdown_table(numbers.breakdowns, run.r_value),
        ),
        tag(
            "section",
            tag("h2", "Costs"),
            tag("p", lead, class_="lead"),
            costs_table(numbers.totals.costs, run.r_value),
        ),
    )


def _rules(run: RunView, rules: Sequence[RuleLine]) -> Markup:
    if not rules:
        return joined()
    lead = (
        "The run with all rules less a run that lacks one, on the days that both have. The bar is "
        "where that lies in 95 of 100 draws of the same days; grey where it may be nothing."
    )
    return tag(
        "section",
        tag("h2", "What each rule adds"),
        tag("p", lead, class_="lead"),
        rules_table(rules, run.r_value),
    )


def _pictures(pictures: Sequence[TradePicture]) -> Markup:
    if not pictures:
        return joined()
    lead = "The best and the worst in R, and those with most at stake within a bar; oldest first."
    return tag(
        "section",
        tag("h2", "Notable trades"),
        tag("p", lead, class_="lead"),
        key(TRADE_KEY),
        *map(_picture, pictures),
    )


def _picture(picture: TradePicture) -> Markup:
    trade, story = picture.trade, told(picture)
    result = f"{signed_money(trade.net)}, {r_text(trade.net, trade.points * trade.quantity)}"
    day = day_text(picture.session.day)
    return tag(
        "figure",
        tag("h3", f"{day} \u00b7 {trade.symbol} ", gain(trade.net, result)),
        trade_chart(picture, story),
        tag("figcaption", story),
    )


def _trades(run: RunView) -> Markup:
    heading = tag("h2", "Trades")
    if not any(day.trades for day in run.days):
        return tag("section", heading, tag("p", "No trade was made and closed."))
    return tag("section", heading, trade_list(run.days, run.r_value))


def _settings(settings: Mapping[str, str]) -> Markup:
    if not settings:
        return joined()
    listed = tag(
        "details",
        tag("summary", tag("b", counted(len(settings), "setting"))),
        settings_table(settings),
    )
    return tag("section", tag("h2", "Settings"), listed)


def _notes(run: RunView) -> Markup:
    notes = (*run.notes, *_notes_of_days(run.days), *_definitions(run.r_value))
    return tag("section", tag("h2", "Notes"), tag("ul", *(tag("li", note) for note in notes)))


def _notes_of_days(days: Sequence[RunDay]) -> Iterator[str]:
    noted: dict[str, list[RunDay]] = {}
    for day in days:
        for note in day.notes:
            noted.setdefault(note, []).append(day)
    ranked = sorted(noted.items(), key=lambda item: -len(item[1]))
    for note, having in ranked[:_MOST_NOTES]:
        which = day_text(having[0].day) if len(having) == 1 else counted(len(having), "day")
        yield f"{which}: {note}"
    if len(ranked) > _MOST_NOTES:
        yield f"{counted(len(ranked) - _MOST_NOTES, 'more note')} of single days: see days.csv."


def _definitions(r_value: Paise) -> tuple[str, ...]:
    of_trade = "R of a trade is its net result over the risk it was sized with"
    of_account = f"R of the account, of days and months is the net result over {money(r_value)}"
    sharpe = f"Sharpe is a day's mean result over its standard deviation, times \u221a{DAYS_A_YEAR}"
    sortino = (
        "Sortino divides by the root of the mean squared loss instead; no interest is subtracted"
    )
    return (
        f"Net is gross less charges. {of_trade}. {of_account}.",
        "Drawdowns are from one day's close to another's. Days without a trade count as days.",
        f"{sharpe}. {sortino}.",
        "Times are India's (IST); amounts are rupees.",
    )


def _inline(items: Iterable[tuple[str, str]]) -> Markup:
    return key(items, "key inline")
