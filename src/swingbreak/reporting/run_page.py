"""A run of many days as one HTML file that needs nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from swingbreak.domain.money import Paise
from swingbreak.reporting.calendar_chart import calendar_chart
from swingbreak.reporting.document import SYNTHETIC, banner, colours, document, figure
from swingbreak.reporting.histogram import histogram
from swingbreak.reporting.markup import Content, Markup, joined, tag
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
from swingbreak.reporting.run_numbers import RunNumbers
from swingbreak.reporting.run_statistics import DAYS_A_YEAR, Totals, trades_of
from swingbreak.reporting.run_tables import (
    breakdown_table,
    costs_table,
    depths_table,
    models_table,
    months_table,
    rules_table,
)
from swingbreak.reporting.run_view import RunDay, RunView
from swingbreak.reporting.tables import gain
from swingbreak.reporting.trade_chart import trade_chart
from swingbreak.reporting.trade_list import trade_list
from swingbreak.reporting.trade_picture import TradePicture, told
from swingbreak.reporting.wording import (
    MONTHS,
    counted,
    day_text,
    grouped,
    money,
    plain_r,
    r_text,
    ratio_text,
    share_text,
    signed_money,
)

__all__ = ["render_run"]

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
        _figures(run, totals),
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


def _figures(run: RunView, totals: Totals) -> Markup:
    return tag(
        "dl",
        figure("Result", gain(totals.net, r_text(totals.net, run.r_value)), "big"),
        figure("Net", _whole(signed_money(totals.net), totals.net), "big"),
        figure("Deepest drawdown", r_text(-totals.drawdown.depth, run.r_value), "big"),
        figure("Mean R of a trade", _mean(totals.expectancy_r), "big"),
        figure("Trades", _tally(totals)),
        figure("Won", _DASH if totals.win_rate is None else share_text(totals.win_rate)),
        figure("Profit factor", ratio_text(totals.profit_factor)),
        figure("Average win", _average(totals.average_win, totals.average_win_r)),
        figure("Average loss", _average(totals.average_loss, totals.average_loss_r)),
        figure("Best day", _one_day(totals.best_day, run)),
        figure("Worst day", _one_day(totals.worst_day, run)),
        figure("Longest losing streak", _streak(totals)),
        figure("Sharpe, by the year", ratio_text(totals.sharpe)),
        figure("Sortino, by the year", ratio_text(totals.sortino)),
        figure("Net over drawdown", ratio_text(totals.recovery)),
    )


def _mean(mean_r: float | None) -> Content:
    return _DASH if mean_r is None else gain(round(1e4 * mean_r), plain_r(mean_r))


def _tally(totals: Totals) -> str:
    if not totals.trades:
        return "none"
    return f"{grouped(totals.trades)} on {grouped(totals.traded_days)} of {totals.days} days"


def _average(net: float | None, mean_r: float | None) -> Content:
    if net is None or mean_r is None:
        return _DASH
    return joined(plain_r(mean_r), ", ", _whole(signed_money(round(net))))


def _whole(text: str, amount: Paise = 0) -> Markup:
    # a line is broken before it or after it
    return tag("span", gain(amount, text) if amount else text, class_="whole")


def _one_day(found: tuple[date, Paise] | None, run: RunView) -> Content:
    if found is None:
        return _DASH
    day, net = found
    name = f"{day.day}\u00a0{MONTHS[day.month - 1][:3]}\u00a0{day.year}"
    return joined(gain(net, r_text(net, run.r_value)), f", {name}")


def _streak(totals: Totals) -> str:
    return f"{counted(totals.losing_streak, 'trade')}, {counted(totals.losing_days, 'day')}"


def _remarks(remarks: Iterable[Remark]) -> Markup:
    items = [
        tag("li", each.text, class_="warning" if each.is_warning else None) for each in remarks
    ]
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
        "The same decisions, filled more or less generously. The first line is the headline; "
        "truth lies between the outer two."
    )
    kinds = ("headline" if kind == "curve" else kind for kind in model_kinds(len(models)))
    return tag(
        "section",
        tag("h2", "Fill models"),
        tag("p", lead, class_="lead"),
        models_table(models, run.r_value),
        tag("figure", _key(zip(kinds, models, strict=True)), models_chart(run)),
    )


def _luck(run: RunView, numbers: RunNumbers) -> Markup:
    bands, totals = numbers.bands, numbers.totals
    if bands is None or not totals.trades:
        return joined()
    lead = (
        f"{grouped(bands.paths)} runs of {len(run.days)} days each, drawn at random from the days "
        f"of this one (seed {bands.seed}). {_shares(bands)}"
    )
    return tag(
        "section",
        tag("h2", "Luck"),
        tag("p", lead, class_="lead"),
        tag("figure", _key(_BANDS_KEY), bands_chart(run, bands)),
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
        tag("figure", _key(_CALENDAR_KEY), calendar_chart(run)),
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
    return tag("section", tag("h2", "Notable trades"), *(_picture(each) for each in pictures))


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
    items = (figure(name, value) for name, value in settings.items())
    return tag("section", tag("h2", "Settings"), tag("dl", *items))


def _notes(run: RunView) -> Markup:
    of_days = Counter(note for day in run.days for note in day.notes)
    of_run = (f"{counted(days, 'day')}: {note}" for note, days in of_days.most_common())
    notes = (*run.notes, *of_run, *_definitions(run.r_value))
    return tag("section", tag("h2", "Notes"), tag("ul", *(tag("li", note) for note in notes)))


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


def _key(items: Iterable[tuple[str, str]]) -> Markup:
    return tag(
        "ul",
        *(
            tag("li", tag("i", class_=f"swatch {kind}", aria_hidden="true"), text)
            for kind, text in items
        ),
        class_="key inline",
    )
