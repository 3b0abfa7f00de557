"""Asks a gateway over REST, at a modest pace, and keeps how long every answer took."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import aiohttp
import msgspec

from swingbreak.adapters.openalgo.capabilities import Latency
from swingbreak.adapters.openalgo.transport import Answer
from swingbreak.domain.errors import ConfigError

__all__ = ["Asker", "Said"]

_OK, _BROKEN = 200, 500
_PATIENCE_S: Final = 10.0
# Between calls: brokers behind a gateway allow few, whatever it allows itself.
_PAUSE_S: Final = {"query": 0.1, "order": 0.15, "history": 0.4, "chain": 0.4}


class Said(NamedTuple):
    """An answer.

    Attributes:
        status: HTTP status; 0 where none came.
        body: The JSON object; empty where it is none.
        text: What it says to a person.
    """

    status: int
    body: dict[str, Any]
    text: str

    @property
    def is_yes(self) -> bool:
        """Whether it is a success."""
        return self.status == _OK and self.body.get("status") == "success"

    @property
    def is_refusal(self) -> bool:
        """Whether it is certain that nothing was done."""
        return _OK < self.status < _BROKEN

    @property
    def fields(self) -> dict[str, Any]:
        """What a success carries, where that is one object; else nothing."""
        data = self.body.get("data") if self.is_yes else None
        return data if isinstance(data, dict) else {}

    @property
    def rows(self) -> list[dict[str, Any]] | None:
        """What a success carries, where that is a list; ``None`` where it is not."""
        data = self.body.get("data") if self.is_yes else None
        data = data.get("orders") if isinstance(data, dict) else data
        return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else None

    def __str__(self) -> str:
        return f"HTTP {self.status} {self.text}".strip() if self.status else self.text


@dataclass(slots=True)
class Asker:
    """One key at one gateway. The caller owns, and closes, the session.

    Attributes:
        took_ms: How long answers took, by class of call.
    """

    host: str
    api_key: str
    session: aiohttp.ClientSession
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    took_ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        """Check the address."""
        if not self.host.startswith(("http://", "https://")):
            raise ConfigError(f"host {self.host!r} is no address like http://127.0.0.1:5000")

    async def ask(self, path: str, kind: str = "query", **fields: object) -> Said:
        """Return what *path* answers; silence is an answer too."""
        await self.sleep(_PAUSE_S[kind])
        return await self.at_once(path, kind, **fields)

    async def at_once(self, path: str, kind: str = "query", **fields: object) -> Said:
        """Ask without a pause before."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with self.session.post(
                f"{self.host.rstrip('/')}/api/v1/{path}",
                data=msgspec.json.encode({"apikey": self.api_key, **fields}),
                headers={"Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=_PATIENCE_S),
                allow_redirects=False,
            ) as response:
                raw, status = await response.read(), response.status
        except (aiohttp.ClientError, OSError) as error:  # a timeout is an OSError
            return Said(0, {}, f"{path}: no answer: {str(error) or type(error).__name__}")
        self.took_ms[kind].append((loop.time() - began) * 1000)
        return _said(status, raw)

    def latency(self) -> dict[str, Latency]:
        """Return how long answers took, by class of call."""
        return {kind: _latency(sorted(took)) for kind, took in self.took_ms.items()}


def _said(status: int, raw: bytes) -> Said:
    try:
        body = msgspec.json.decode(raw, type=dict[str, Any])
        return Said(status, body, msgspec.json.decode(raw, type=Answer, strict=False).text)
    except ValueError:  # no JSON, or no UTF-8
        return Said(status, {}, raw[:200].decode(errors="replace"))


def _latency(took: list[float]) -> Latency:
    def share(part: float) -> float:
        return round(took[min(len(took) - 1, int(len(took) * part))], 2)

    return Latency(share(0.5), share(0.99), len(took))
