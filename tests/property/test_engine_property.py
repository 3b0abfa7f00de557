"""What must hold on every tape, with every misbehaving broker."""

from collections.abc import Callable
from itertools import cycle
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from swingbreak.domain import events as ev
from swingbreak.domain.commands import Tell
from swingbreak.domain.records import Record
from tests.engine_broker import Faults
from tests.engine_referee import kept_state
from tests.engine_world import CONTRACTS, FROZEN, World, parameters_for

MINUTES = 25
FEW = (*CONTRACTS[:2], *CONTRACTS[-2:])
FEW_FROZEN = (*FROZEN[:2], *FROZEN[-2:])  # all is sliced

shares = st.sampled_from([0, 0, 0.1, 0.4])
faults = st.builds(
    Faults,
    reject=shares,
    unsent=shares,
    silent=shares,
    slow=shares,
    part=shares,
    repeat=shares,
    crossing=shares,
    refuse_change=shares,
    refuse_cancel=shares,
    protect=shares,
    take=st.sampled_from([0, 0, 0.01]),
    reprice=shares,
)
walks = st.lists(st.integers(-60, 60), min_size=8, max_size=80)
seeds = st.integers(0, 999)
unhurried = settings(deadline=None, max_examples=60)


def prices(walk: list[int]) -> Callable[[str], int]:
    """Return moves that go the walk and back again: levels are met more than once."""
    moves = cycle([*walk, *(-move for move in reversed(walk))])
    return lambda _symbol: next(moves)


def lived(
    walk: list[int], broken: Faults, seed: int, *, troubles: bool = False, sliced: bool = False
) -> World:
    dice = Random(seed)  # noqa: S311 - seeded on purpose
    parameters = parameters_for(MINUTES, dice)
    contracts = FEW_FROZEN if sliced else FEW
    world = World(contracts, parameters, broken, dice, prices(walk), MINUTES, troubles)
    world.run()
    return world


@unhurried
@given(walks, faults, seeds, st.booleans(), st.booleans())
def test_the_rules_hold_after_every_step(
    walk: list[int], broken: Faults, seed: int, troubles: bool, sliced: bool
) -> None:
    lived(walk, broken, seed, troubles=troubles, sliced=sliced)


def kept_of(world: World, records: list[Record]) -> object:
    """What an engine knows that has nothing but *records*."""
    again = world.new_engine()
    again.restore(records)
    return kept_state(again)


@unhurried
@given(walks, faults, seeds, st.booleans())
def test_a_restart_at_any_moment_forgets_nothing(
    walk: list[int], broken: Faults, seed: int, sliced: bool
) -> None:
    world = lived(walk, broken, seed, sliced=sliced)
    engine, records = world.new_engine(), list[Record]()
    restored = kept_of(world, records)
    for number, event in enumerate(world.events):
        commands, before = engine.step(event), len(records)
        if isinstance(event, ev.OrderEvent):
            records.append(event)
        records += [command for command in commands if not isinstance(command, Tell)]
        if len(records) > before:
            restored = None
        if number % 20 == 0 or isinstance(event, ev.OrderFilled):
            restored = restored or kept_of(world, records)
            assert restored == kept_state(engine)


@unhurried
@given(walks, faults, seeds)
def test_the_same_events_give_the_same_commands(walk: list[int], broken: Faults, seed: int) -> None:
    world = lived(walk, broken, seed, troubles=True)
    engine = world.new_engine()
    assert [engine.step(event) for event in world.events] == world.commands
