"""A way to fail a check: what is wrong, and what is made of it."""

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from swingbreak.bootstrap.preflight.verdicts import Verdict
from tests.preflight_rig import Scene, refusal

OK, REMARK, NA = Verdict.OK, Verdict.REMARK, Verdict.NOT_APPLICABLE
WAIT, NO = Verdict.TRANSIENT, Verdict.PERMANENT
BAD_KEY = (403, refusal("Invalid openalgo apikey"))
NOWHERE = "127.0.0.1:1"


@dataclass
class Case:
    """What is wrong, and what is made of it.

    Attributes:
        check_id: Whose failure it is.
        says: What cause and remedy have to name.
        more: What else is no plain yes, by check; those that were not asked are left out.
        files: Settings that name a file of the test's folder.
    """

    check_id: str
    verdict: Verdict
    says: tuple[str, ...]
    scene: Scene = field(default_factory=Scene)
    more: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)


def on(**answers: object) -> Scene:
    """Answers of the gateway by path, ``/`` written ``__``."""
    return Scene(answers={path.replace("__", "/"): answer for path, answer in answers.items()})


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise web.HTTPGone
