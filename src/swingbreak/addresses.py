"""Whom the program talks to: OpenAlgo, a standby, messengers. No secret of it is ever shown."""

from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["GatewayAddress", "Messengers", "Standby"]


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """How to reach OpenAlgo. The key is empty where none was given.

    Attributes:
        profile: File of what the gateway was found to do; ``None`` to find out on the way.
    """

    host: str
    ws_url: str
    api_key: str = field(repr=False)
    profile: Path | None = None


@dataclass(frozen=True, slots=True)
class Standby:
    """A second OpenAlgo server, of which ticks are taken while the first is silent.

    Attributes:
        ws_url: Empty for none.
        after_s: How long the first is silent by then.
        back_after_s: How long it has to tick before it is listened to again.
    """

    ws_url: str
    api_key: str = field(repr=False)
    after_s: int
    back_after_s: int


@dataclass(frozen=True, slots=True)
class Messengers:
    """Who gets messages, and by which way.

    Attributes:
        telegram_enabled: Whether Telegram is used.
        telegram_api: Address of the Bot API.
        bot_token: Empty where none was given.
        chats: Who gets messages and may give commands; the first is the owner's.
        apprise_urls: Other services.
    """

    telegram_enabled: bool
    telegram_api: str
    bot_token: str = field(repr=False)
    chats: tuple[str, ...] = field(repr=False)
    apprise_urls: tuple[str, ...] = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may contain: the parts of a token and of an address, too."""
        parts = (*self.bot_token.split(":"), *self.apprise_urls, *self.chats)
        return (self.bot_token, *parts)
