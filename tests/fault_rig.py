"""A link to a far side, outside any program."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TypeVar

from swingbreak.adapters.openalgo.rest import OpenAlgoRest
from swingbreak.faults.link import HOST, Link
from swingbreak.faults.murmur import Murmur
from swingbreak.faults.process import Life
from swingbreak.faults.scene import Scene, set_scene
from swingbreak.faults.virtual_time import run_virtually
from swingbreak.gateway.rest import Answered

_T = TypeVar("_T")


class LinkRig:
    """What a process would have, and what those who look on were told."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.weather = scene.assignment.weather
        self.life = Life()
        self.sent: list[str] = []
        self.placed: list[Answered] = []
        murmur = Murmur(self.weather, self.weather.seconds, self._cut)
        self.turned_away: list[str] = []
        self.link = Link(
            scene.far,
            scene.mishaps,
            murmur,
            self.life,
            self._sent,
            self._placed,
            self.turned_away.append,
        )
        self.rest = OpenAlgoRest(HOST, scene.assignment.key, self.link)  # type: ignore[arg-type]
        scene.far.start()

    def _cut(self) -> None:
        self.link.cut()

    def _sent(self, path: str, _body: bytes) -> str:
        self.sent.append(path)
        return "o1"

    def _placed(self, order_id: str, answered: Answered) -> None:
        assert order_id == "o1"
        self.placed.append(answered)


def linked(
    folder: Path, faults: Iterable[str], work: Callable[[LinkRig], Awaitable[_T]], name: str = "rig"
) -> _T:
    """Do *work* with a link whose far side has *faults*, under virtual time."""

    async def run() -> _T:
        return await work(LinkRig(set_scene(name, tuple(faults), folder / "live_state.db")))

    return run_virtually(run())
