"""A run's numbers for programs: plain values by name, as JSON has them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Final, TypeAlias

from swingbreak import __version__
from swingbreak.reporting.breakdowns import Group
from swingbreak.reporting.resampling import DEPTHS, Bands
from swingbreak.reporting.rule_ledger import RuleLine
from swingbreak.reporting.run_numbers import RunNumbers
from swingbreak.reporting.run_statistics import Costs, Drawdown, Totals
from swingbreak.reporting.run_view import RunView

__all__ = ["Json", "metrics_of"]

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

_DIGITS: Final = 6  # of ratios


def metrics_of(run: RunView, numbers: RunNumbers) -> dict[str, Json]:
    """Return *numbers* of *run*; names of amounts end in ``_paise``, of R in ``_r``."""
    interval, bands = numbers.interval, numbers.bands
    return {
        "swingbreak": __version__,
        "label": run.label,
        "kind": run.kind,
        "fills": run.fills,
        "r_value_paise": run.r_value,
        "first_day": run.days[0].day.isoformat() if run.days else None,
        "last_day": run.days[-1].day.isoformat() if run.days else None,
        "synthetic_days": sum(day.synthetic for day in run.days),
        **_totals(numbers.totals, run.r_value),
        "expectancy_interval_r": None if interval is None else [_short(end) for end in interval],
        "fill_models": {name: _totals(each, run.r_value) for name, each in numbers.models.items()},
        "breakdowns": {
            each.key: [_group(group) for group in each.groups] for each in numbers.breakdowns
        },
        "bands": None if bands is None else _bands(bands),
        "rules": [_rule(line, run.r_value) for line in numbers.rules],
        "remarks": [
            {**asdict(remark), "number": _short(remark.number)} for remark in numbers.remarks
        ],
    }


def _group(group: Group) -> dict[str, Json]:
    return {
        "name": group.name,
        "trades": group.trades,
        "wins": group.wins,
        "net_paise": group.net,
        "mean_r": _short(group.mean_r),
    }


def _totals(totals: Totals, r_value: int) -> dict[str, Json]:
    return {
        "days": totals.days,
        "traded_days": totals.traded_days,
        "trades": totals.trades,
        "wins": totals.wins,
        "win_rate": _short(totals.win_rate),
        **_costs(totals.costs),
        "net_r": _short(totals.r),
        "expectancy_paise": _short(totals.expectancy),
        "expectancy_r": _short(totals.expectancy_r),
        "profit_factor": _short(totals.profit_factor),
        "average_win_paise": _short(totals.average_win),
        "average_win_r": _short(totals.average_win_r),
        "average_loss_paise": _short(totals.average_loss),
        "average_loss_r": _short(totals.average_loss_r),
        "losing_streak_trades": totals.losing_streak,
        "losing_streak_days": totals.losing_days,
        "best_day": _day(totals.best_day),
        "worst_day": _day(totals.worst_day),
        "drawdown": _drawdown(totals.drawdown, r_value),
        "net_over_drawdown": _short(totals.recovery),
        "sharpe": _short(totals.sharpe),
        "sortino": _short(totals.sortino),
        "ambiguous_trades": totals.ambiguous,
        "ambiguous_stake_paise": totals.stake,
        "ambiguous_stake_r": _short(totals.stake / r_value),
    }


def _costs(costs: Costs) -> dict[str, Json]:
    return {
        "at_triggers_paise": costs.at_triggers,
        "slippage_paise": costs.slippage,
        "gross_paise": costs.gross,
        "charges_paise": costs.charges,
        "net_paise": costs.net,
    }


def _drawdown(fall: Drawdown, r_value: int) -> dict[str, Json]:
    return {
        "depth_paise": fall.depth,
        "depth_r": _short(fall.depth / r_value),
        "since": _iso(fall.since),
        "bottom": _iso(fall.bottom),
        "recovered": _iso(fall.recovered),
        "days": fall.days,
    }


def _bands(bands: Bands) -> dict[str, Json]:
    return {
        "paths": bands.paths,
        "block_days": bands.block,
        "seed": bands.seed,
        "losing_share": _short(bands.losing),
        "deeper_share": _short(bands.deeper),
        "drawdown_paise": {
            f"{100 * share:.0f}": depth for share, depth in zip(DEPTHS, bands.depths, strict=True)
        },
    }


def _rule(line: RuleLine, r_value: int) -> dict[str, Json]:
    ends = None if line.interval is None else [_short(end / r_value) for end in line.interval]
    return {
        "rule": line.rule,
        "added_paise": line.added,
        "added_r": _short(line.added / r_value),
        "interval_r": ends,
        "is_clear": line.is_clear,
        "days": line.days,
        "days_apart": line.apart,
        "trades_without": line.without.trades,
        "net_without_paise": line.without.net,
    }


def _day(found: tuple[date, int] | None) -> dict[str, Json] | None:
    return None if found is None else {"date": found[0].isoformat(), "net_paise": found[1]}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
