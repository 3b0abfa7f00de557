"""Alerts on their way to receivers that fail, bar, or answer late."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from swingbreak.adapters.notify_file import Memory, NotifyFile
from swingbreak.alerts.alert import Alert, Severity
from swingbreak.alerts.delivery import Delivery, Outcome
from swingbreak.bootstrap.notifying.post import Post
from swingbreak.domain.errors import DataError
from tests.builders import at
from tests.openalgo_fakes import ManualClock

NOW = at(10)


@dataclass
class Phone:
    """A receiver that answers as planned, and takes everything when the plan is over."""

    name: str
    plan: deque[Outcome] = field(default_factory=deque)
    got: list[str] = field(default_factory=list)
    attempts: int = 0

    async def send(self, text: str) -> Delivery:
        self.attempts += 1
        outcome = self.plan.popleft() if self.plan else Outcome.DELIVERED
        if outcome is Outcome.DELIVERED:
            self.got.append(text)
        return Delivery(outcome, "why")


def warning(subject: str) -> Alert:
    return Alert(NOW, Severity.WARNING, "k", subject, "t")


async def delivered(post: Post, phones: list[Phone], pauses: list[float]) -> None:
    """Let everything be delivered, with pauses that are only noted."""
    real = asyncio.sleep

    async def at_once(seconds: float) -> None:
        pauses.append(seconds)
        await real(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep", at_once)
        tasks = [asyncio.create_task(post.deliver(phone.name)) for phone in phones]
        async with asyncio.timeout(5):
            while post.memory.undelivered.parcels:
                await real(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


N, U, R, B, D = (
    Outcome.NOT_SENT,
    Outcome.UNSURE,
    Outcome.REFUSED,
    Outcome.BARRED,
    Outcome.DELIVERED,
)


async def test_each_receiver_is_tried_until_it_has_everything(tmp_path: Path) -> None:
    phones = [Phone("a", deque([N, N, U, D])), Phone("b", deque([R]))]
    file = NotifyFile(tmp_path)
    post = Post(file, Memory(), phones, ManualClock(NOW))
    post.take([warning("x"), warning("y")])
    assert file.load() == post.memory, "kept before it is sent"
    pauses: list[float] = []
    await delivered(post, phones, pauses)
    lines = [f"WARNING 09:25:00 k {name}: t" for name in "xy"]
    assert phones[0].got[0] == f"{lines[0]}\n(this may have reached you before)"
    assert phones[0].got[1] == lines[1]
    assert phones[1].got[0] == lines[1], "what it refused is not sent again"
    assert "notify.failing a" in phones[1].got[1]
    assert pauses == [1, 2, 4]


async def test_a_crash_while_sending_repeats_the_message_and_says_so(tmp_path: Path) -> None:
    file = NotifyFile(tmp_path)
    memory = Memory()
    post = Post(file, memory, [Phone("a"), Phone("b")], ManualClock(NOW))
    post.take([warning("x")])
    parcel = memory.undelivered.next_of("a")
    assert parcel is not None
    memory.undelivered.begin(parcel, "a")
    post.save()  # and here it dies
    kept = NotifyFile(tmp_path).load()
    assert kept is not None
    phone = Phone("a")
    await delivered(Post(NotifyFile(tmp_path), kept, [phone], ManualClock(NOW)), [phone], [])
    (text,) = phone.got
    assert text.endswith("(this may have reached you before)")


async def test_a_barred_receiver_is_asked_once_a_minute_and_others_hear_of_it(
    tmp_path: Path,
) -> None:
    phones = [Phone("a", deque([B] * 4)), Phone("b")]
    post = Post(NotifyFile(tmp_path), Memory(), phones, ManualClock(NOW))
    post.take([warning("x")])
    pauses: list[float] = []
    await delivered(post, phones, pauses)
    assert pauses == [60] * 4
    assert "3 messages in a row have failed: why" in phones[1].got[1]
    assert "before" not in phones[0].got[0]


def test_while_nobody_can_be_reached_alerts_wait_and_are_counted(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    post = Post(NotifyFile(tmp_path), Memory(), [Phone("a")], clock)
    for number in range(60):
        clock.wait(300)
        post.take([warning(f"{number % 5} {each}") for each in range(20)])
    waiting = len(post.memory.undelivered.parcels)
    assert waiting <= 40
    assert post.memory.pace.waiting + waiting > 0
    assert (tmp_path / "notify.json").stat().st_size < 100_000


def test_a_memory_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = NotifyFile(tmp_path)
    file.path.write_text("half")
    with pytest.raises(DataError, match=r"notify\.json: cannot be read.*move it away"):
        file.load()


def test_a_disk_that_is_full_does_not_end_it(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    post = Post(NotifyFile(tmp_path / "state"), Memory(), [Phone("a")], ManualClock(NOW))
    post.take([warning("x")])
    assert len(post.memory.undelivered.parcels) == 1
