from dataclasses import replace

from swingbreak.domain.parameters import Parameters
from swingbreak.engine.told import DayTerms
from tests.builders import CE, DAY, PE, SESSION
from tests.charging import rates_of


def test_terms_make_the_engine_that_they_describe() -> None:
    parameters = replace(Parameters(), daily_stop_r=-3)
    engine = DayTerms(SESSION, (CE, PE), parameters, rates_of(DAY, CE.exchange)).engine()
    assert list(engine.contracts) == [CE.symbol, PE.symbol]
    assert not engine.state.book.orders
    assert engine.wake >= SESSION.opens
