"""From a level to an order's terms, and from many levels to the best one."""

from collections.abc import Iterable
from typing import NamedTuple

from swingbreak.domain.instrument import OptionContract
from swingbreak.domain.money import Paise
from swingbreak.domain.parameters import Parameters
from swingbreak.strategy.filters import dynamic_reason
from swingbreak.strategy.levels import Level
from swingbreak.strategy.sizing import entry_terms, lots_for

__all__ = ["Choice", "qualify", "ranked"]


# A named tuple, as levels are: one is made whenever a candidate's high is raised.
class Choice(NamedTuple):
    """A level that may be sold under now, and the terms.

    Attributes:
        contract: The option.
        level: Its level.
        highest: Highest high since the swing, paise.
        stop: Where the protective stop would trigger, paise.
        points: Stop above the swing low, paise.
        lots: Lots to sell.
        quantity: The same in units.
        trigger: Sell below it, paise. An entry of type ``limit`` has no trigger and rests here.
        limit: Worst acceptable price of a stop-limit entry, paise.
    """

    contract: OptionContract
    level: Level
    highest: Paise
    stop: Paise
    points: Paise
    lots: int
    quantity: int
    trigger: Paise
    limit: Paise


def qualify(
    contract: OptionContract, level: Level, highest: Paise, parameters: Parameters
) -> Choice | str:
    """Return the terms on which *level* may be sold under now, or why it may not.

    Returns:
        A choice; or ``stop_too_near``, ``stop_too_far``, or ``below_one_lot`` when one lot
        risks more than one R or exceeds the contract's freeze quantity.
    """
    stop = highest + parameters.stop_buffer
    points = stop - level.price
    reason = dynamic_reason(level.price, points, parameters)
    if reason:
        return reason
    lots = lots_for(points, contract.lot, parameters)
    if lots < 1 or contract.freeze < contract.lot:
        return "below_one_lot"
    trigger, limit = entry_terms(level.price, contract.tick, parameters)
    quantity = lots * contract.lot
    return Choice(contract, level, highest, stop, points, lots, quantity, trigger, limit)


def ranked(choices: Iterable[Choice], parameters: Parameters) -> list[Choice]:
    """Return *choices*, the best first.

    Stop points nearest the target; then, where the settings prefer them, round strikes; then the
    highest price; then the level confirmed earliest; then its id, so that no order is left open.
    """
    target, step = parameters.target_points, parameters.round_strike
    prefers_round = parameters.prefer_round_strike

    def rank(choice: Choice) -> tuple[Paise, bool, Paise, int, str]:
        level = choice.level
        return (
            abs(choice.points - target),
            prefers_round and choice.contract.strike % step != 0,
            -level.price,
            level.confirmed_minute,
            level.level_id,
        )

    return sorted(choices, key=rank)
