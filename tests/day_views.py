"""A day as reports get it, and a reader of the pages they make of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser

from swingbreak.domain.market import Bar
from swingbreak.domain.money import Paise
from swingbreak.domain.position import Trade
from swingbreak.facts.charges import Dealings
from swingbreak.reporting.day_view import DayView, LevelMark
from tests.builders import CE, PE, SESSION, at, bar
from tests.charging import rates_of

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def closed_trade(
    *,
    symbol: str = CE.symbol,
    level: str = "L1",
    quantity: int = 650,
    sold: Paise = 174_95,
    bought: Paise = 164_90,
    points: Paise = 10_00,
    charges: Paise = 330_00,
    opened_at: datetime | None = None,
    closed_at: datetime | None = None,
    exit_reason: str = "daily_target",
) -> Trade:
    return Trade(
        trade_id="o1",
        symbol=symbol,
        level=level,
        quantity=quantity,
        sold_value=sold * quantity,
        bought_value=bought * quantity,
        points=points,
        stop=185_00,
        charges=charges,
        orders=2,
        opened_at=opened_at or at(60, 5),
        closed_at=closed_at or at(100, 30),
        exit_reason=exit_reason,
    )


def minute_bars(minutes: int = 385) -> tuple[Bar, ...]:
    """A contract that falls a little and rises a little, every minute."""
    return tuple(
        bar(minute, 175_00 + rise, 176_50 + rise, 174_00 + rise, 175_05 - rise)
        for minute in range(minutes)
        for rise in [5 * (minute * 7 % 100)]
    )


def day_view(**changes: object) -> DayView:
    values: dict[str, object] = {
        "label": "synthetic NIFTY seed 7",
        "synthetic": True,
        "mode": "paper",
        "session": SESSION,
        "r_value": 6_500_00,
        "trades": (
            closed_trade(),
            closed_trade(symbol=PE.symbol, level="L2", bought=185_25, exit_reason="stop"),
        ),
        "contract_note": rates_of().note(Dealings(227_435_00, 227_597_50, 4)),
        "open_positions": (),
        "halted_reason": "daily_target",
        "curve": ((at(1), 0), (at(60, 5), -500_00), (at(100, 30), -162_50)),
        "bars": {CE.symbol: minute_bars(), PE.symbol: minute_bars()},
        "levels": {"L1": LevelMark(175_00, 50, 52), "L2": LevelMark(175_00, 20, 21)},
        "decisions": "e623678ef2a5348e",
        "orders_sent": 53,
        "peak_margin": 52_49_000_00,
        "unprotected": timedelta(seconds=1.5),
        "longest_unprotected": timedelta(seconds=0.9),
    }
    return DayView(**{**values, **changes})  # type: ignore[arg-type]


@dataclass
class Element:
    """An element as it stood on the page."""

    name: str
    attributes: Mapping[str, str]
    content: list["Element | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        yield self
        for part in self.content:
            if isinstance(part, Element):
                yield from part.walk()

    def all(self, name: str) -> list["Element"]:
        return [element for element in self.walk() if element.name == name]

    def one(self, name: str) -> "Element":
        (element,) = self.all(name)
        return element

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.content)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} repeats an attribute"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(element)
        self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def read_page(page: str) -> Element:
    """Return the page's root; fails where elements are not closed in order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root], "something was not closed"
    return reader.root.one("html")


def points_of(svg: Element) -> Iterator[tuple[float, float]]:
    """Every position at which something is drawn or written."""
    for element in svg.walk():
        held = element.attributes
        if element.name == "path":
            yield from _path_points(held["d"])
        for x, y in (("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")):
            if x in held:
                yield float(held[x]), float(held[y])
        if element.name == "rect":
            yield (
                float(held["x"]) + float(held["width"]),
                float(held["y"]) + float(held["height"]),
            )


def _path_points(path: str) -> Iterator[tuple[float, float]]:
    x = y = 0.0
    for letter, numbers in re.findall(r"([MLHVZ])([^MLHVZ]*)", path):
        values = [float(value) for value in NUMBER.findall(numbers)]
        if letter in "ML":
            x, y = values
        elif letter == "H":
            (x,) = values
        elif letter == "V":
            (y,) = values
        yield x, y
