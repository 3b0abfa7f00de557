"""Who may act through the dashboard: armed, confirmed, and with a form that is good once."""

from pathlib import Path

import pytest

from swingbreak.adapters.controls import Controls
from swingbreak.dashboard.access import FormTokens
from tests.visiting import dashboard, engine_in

pytestmark = pytest.mark.usefixtures("at_noon")


async def test_it_is_read_only_unless_armed(state: Path) -> None:
    async with engine_in(state) as given, dashboard(state) as visitor:
        await visitor.enter()
        _, text = await visitor.get("/control")
        assert "<form" not in text
        assert "--armed" in text
        for word in ("pause", "resume", "flatten", "kill"):
            status, _ = await visitor.send(word, token="x", word=word.upper(), reason="why")
            assert status == 403
        assert given == []
    assert Controls(state).locked() is None


@pytest.mark.parametrize("word", ["pause", "resume", "flatten", "kill"])
async def test_a_word_reaches_the_day_and_its_answer_is_shown(state: Path, word: str) -> None:
    async with engine_in(state) as given, dashboard(state, armed=True) as visitor:
        await visitor.enter()
        token = await visitor.token(word)
        assert (await visitor.send(word, token=token, word=word.upper(), reason="<news>"))[0] == 303
        assert [(each.control.value, each.reason) for each in given] == [(word, "<news>")]
        _, text = await visitor.get("/control")
        assert f"{word} was done (&lt;news&gt;)" in text
    lock = Controls(state).locked()
    assert (lock is not None and lock.by == "dashboard") is (word == "kill")


async def test_a_form_is_good_once_and_for_one_thing(state: Path) -> None:
    async with engine_in(state) as given, dashboard(state, armed=True) as visitor:
        await visitor.enter()
        token = await visitor.token("pause")
        assert (await visitor.send("pause", token=token, word="PAUSE"))[0] == 303
        assert (await visitor.send("pause", token=token, word="PAUSE"))[0] == 409
        other = await visitor.token("pause")
        assert (await visitor.send("flatten", token=other, word="FLATTEN"))[0] == 409
        assert (await visitor.send("pause", token=other, word="PAUSE"))[0] == 409
        assert (await visitor.send("stop", token=other, word="STOP"))[0] == 404
        assert (await visitor.send("pause", word="PAUSE", token="x" * 40_000))[0] == 413
        assert len(given) == 1


@pytest.mark.parametrize(
    ("word", "typed", "reason"),
    [
        ("flatten", "flatten", "x"),
        ("flatten", "", "x"),
        ("flatten", "KILL", "x"),
        ("kill", "KILL", " "),
    ],
)
async def test_what_is_not_confirmed_is_not_done(
    state: Path, word: str, typed: str, reason: str
) -> None:
    async with engine_in(state) as given, dashboard(state, armed=True) as visitor:
        await visitor.enter()
        token = await visitor.token(word)
        status, text = await visitor.send(word, token=token, word=typed, reason=reason)
        assert status == 400
        assert "nothing was done" in text
        assert given == []
    assert Controls(state).locked() is None


async def test_a_form_that_is_no_text_is_refused(state: Path) -> None:
    async with engine_in(state) as given, dashboard(state, armed=True) as visitor:
        await visitor.enter()
        for kind in ("utf-8", "no-such"):
            headers = {
                "Origin": str(visitor.base),
                "Content-Type": f"application/x-www-form-urlencoded; charset={kind}",
            }
            url = visitor.base / "control" / "pause"
            async with visitor.session.post(url, data=b"word=\xff", headers=headers) as answer:
                assert answer.status in {400, 409}
        assert given == []


async def test_where_nobody_runs_a_kill_still_locks(state: Path) -> None:
    async with dashboard(state, armed=True) as visitor:
        await visitor.enter()
        token = await visitor.token("pause")
        assert (await visitor.send("pause", token=token, word="PAUSE"))[0] == 303
        assert "nobody runs in" in (await visitor.get("/control"))[1]
        token = await visitor.token("kill")
        assert (await visitor.send("kill", token=token, word="KILL", reason="gone"))[0] == 303
        assert "locked; nobody runs here" in (await visitor.get("/control"))[1]
    assert Controls(state).locked() is not None


def test_forms_grow_old_and_do_not_pile_up() -> None:
    now = [0.0]
    forms = FormTokens(lambda: now[0])
    token = forms.give("kill")
    now[0] = 599.0
    assert forms.take("kill", token)
    token = forms.give("kill")
    now[0] = 1_200.0
    assert not forms.take("kill", token)
    first = forms.give("kill")
    for _ in range(200):
        forms.give("kill")
    assert not forms.take("kill", first)
