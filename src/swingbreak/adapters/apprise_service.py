"""Any service that Apprise can reach, as a receiver of messages: mail, Slack, ntfy and others.

Apprise is an optional layer. It blocks, so it is given a thread; it says only whether it worked.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import import_module
from typing import Any, Final

from swingbreak.alerts.delivery import Delivery, Outcome
from swingbreak.domain.errors import NeedsExtra

__all__ = ["AppriseService", "require_apprise"]

_TALKATIVE: Final = ("apprise", "urllib3")  # their lines quote addresses, which hold secrets


def require_apprise() -> Any:
    """Return the module.

    Raises:
        NeedsExtra: It is not installed.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        return import_module("apprise")
    except ImportError as error:
        raise NeedsExtra(
            'APPRISE_URLS is set, and apprise is not installed: pip install "swingbreak[notify]", '
            "or leave the variable empty"
        ) from error


@dataclass(frozen=True, slots=True)
class AppriseService:
    """One address. It holds secrets: nothing here repeats it."""

    url: str = field(repr=False)

    @property
    def name(self) -> str:
        """What files and logs call it."""
        return f"apprise-{sha256(self.url.encode()).hexdigest()[:8]}"

    async def send(self, text: str) -> Delivery:
        """Send *text*, once.

        Raises:
            NeedsExtra: Apprise is not installed.
        """
        module = require_apprise()
        return await asyncio.to_thread(self._send, module, text)

    def _send(self, module: Any, text: str) -> Delivery:
        service = module.Apprise()
        if not service.add(self.url):
            return Delivery(Outcome.BARRED, "apprise knows no such service: correct APPRISE_URLS")
        if service.notify(body=text, title="swingbreak"):
            return Delivery(Outcome.DELIVERED)
        return Delivery(Outcome.UNSURE, "apprise could not deliver it; it does not say why")
