"""Which alerts become messages, and when."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swingbreak.alerts.alert import Alert, Severity
from swingbreak.alerts.pace import Message, Pace, Thread
from tests.builders import at

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL


def alert(
    text: str = "t", severity: Severity = WARNING, kind: str = "k", subject: str = "s"
) -> Alert:
    return Alert(at(), severity, kind, subject, text)


def say(pace: Pace, *alerts: Alert, second: float = 0) -> list[str]:
    for each in alerts:
        pace.offer(each, at(0, second))
    return [message.text for message in pace.release(at(0, second))]


def test_news_goes_at_once_and_a_repeat_is_counted() -> None:
    pace = Pace()
    assert say(pace, alert()) == ["WARNING 09:15:00 k s: t"]
    assert say(pace, alert(), second=1) == []
    assert say(pace, alert(), second=2) == []
    assert pace.waiting == 2
    assert say(pace, second=299) == []
    assert say(pace, second=300) == ["WARNING 09:15:00 k s: t (x2)"]
    assert pace.waiting == 0


def test_what_goes_on_is_said_less_and_less_often_and_is_news_after_a_pause() -> None:
    pace, said = Pace(), []
    for second in range(0, 20_000, 20):
        said += [second] * len(say(pace, alert(), second=second))
    assert said == [0, 300, 900, 2100, 4500, 8100, 11700, 15300, 18900]
    assert say(pace, second=30_000) == ["WARNING 09:15:00 k s: t (x54)"]
    assert say(pace, second=40_000) == []
    assert pace.threads == {}
    assert say(pace, alert(), second=40_001) == ["WARNING 09:15:00 k s: t"]


def test_something_else_of_the_same_subject_passes_a_few_times() -> None:
    pace = Pace()
    texts = [say(pace, alert(f"t{n}"), second=n) for n in range(5)]
    assert [bool(text) for text in texts] == [True, True, True, False, False]
    assert say(pace, second=301) == ["WARNING 09:15:00 k s: t4 (x2)"]


def test_what_is_graver_is_never_held_for_being_a_repeat() -> None:
    pace = Pace()
    assert say(pace, alert(severity=INFO))
    assert say(pace, alert(severity=CRITICAL), second=1)
    assert not say(pace, alert(severity=CRITICAL), second=2)
    assert not say(pace, alert(severity=WARNING), second=3)


def test_a_graver_one_is_not_hidden_by_a_later_milder_one() -> None:
    pace = Pace()
    say(pace, alert(severity=INFO))
    pace.offer(alert("worse", CRITICAL), at(0, 1))
    pace.offer(alert("better", INFO), at(0, 1))
    assert say(pace, second=1) == ["09:15:00 k s: better (x2)"]


def test_parts_of_a_fill_are_one_message_a_few_seconds_later() -> None:
    pace = Pace()
    fills = [alert(f"sold {n}", INFO, "entry.filled") for n in (65, 130, 195)]
    assert say(pace, fills[0]) == ["09:15:00 entry.filled s: sold 65"]
    assert say(pace, *fills[1:], second=1) == []
    assert say(pace, second=5) == ["09:15:00 entry.filled s: sold 195 (x2)"]


def test_a_flood_is_one_digest_and_the_gravest_come_first_and_alone() -> None:
    pace = Pace()
    flood = [alert(subject=f"s{n}") for n in range(30)]
    first, digest = say(pace, *flood, alert("!", CRITICAL))
    assert first == "CRITICAL 09:15:00 k s: !"
    assert digest.splitlines()[0] == "18 alerts together:"
    assert len(digest.splitlines()) == 19
    assert len(digest) < 4000
    assert pace.waiting == 12
    assert say(pace, second=1)[0].startswith("12 alerts together:")


def test_a_digest_cuts_texts_and_no_counts() -> None:
    pace = Pace()
    for each in range(8):
        pace.offer(alert("long " * 100, subject=str(each)), at())
        pace.offer(alert("long " * 100, subject=str(each)), at())
    (digest,) = say(pace)
    assert digest.splitlines()[0] == "16 alerts together:"
    assert {(len(line), line[-8:]) for line in digest.splitlines()[1:]} == {(210, "... (x2)")}


def test_messages_have_a_rate_and_some_of_it_is_kept_for_the_gravest() -> None:
    pace = Pace()
    sent = [len(say(pace, alert(subject=f"{n}"))) for n in range(10)]
    assert sum(sent) == 7
    grave = [len(say(pace, alert("!", CRITICAL, subject=f"c{n}"))) for n in range(5)]
    assert sum(grave) == 3
    assert pace.waiting == 5
    assert len(say(pace, second=3)) == 1, "a token in three seconds, and a critical one has it"
    assert pace.waiting == 4


def test_a_clock_that_goes_back_refills_nothing() -> None:
    pace = Pace()
    say(pace, second=100)
    for n in range(10):
        say(pace, alert("!", CRITICAL, subject=f"{n}"), second=100)
    assert say(pace, alert("!", CRITICAL, subject="x"), second=50) == []
    assert say(pace, second=53.1) != []


def test_nothing_is_said_where_nothing_waits() -> None:
    with pytest.raises(AssertionError):
        Thread(at(), 1).say(at())
    assert not Thread(at(), 1).is_due(at())


@given(
    st.lists(
        st.tuples(
            st.integers(0, 400),
            st.sampled_from(["a", "b", "c", "entry.filled"]),
            st.integers(0, 9),
            st.sampled_from(list(Severity)),
            st.sampled_from(["t", "u"]),
        ),
        max_size=80,
    )
)
def test_every_alert_is_in_one_message_or_waits(
    offers: list[tuple[int, str, int, Severity, str]],
) -> None:
    pace, now, sent = Pace(), at(), list[Message]()
    for seconds, kind, subject, severity, text in offers:
        now += timedelta(seconds=seconds % 7 if seconds < 300 else seconds)
        pace.offer(alert(text, severity, kind, str(subject)), now)
        sent += pace.release(now)
        kept = msgspec.json.encode(pace)
        assert msgspec.json.decode(kept, type=Pace) == pace
        pace = msgspec.json.decode(kept, type=Pace)  # a restart changes nothing
    assert sum(message.alerts for message in sent) + pace.waiting == len(offers)
    for _ in range(500):
        now += timedelta(seconds=60)
        sent += pace.release(now)
    assert sum(message.alerts for message in sent) == len(offers)
    assert pace.waiting == 0
    assert all(0 < len(message.text) < 4096 for message in sent)
