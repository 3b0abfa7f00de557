"""Hears what people write to the bot, and answers.

Rules of this file:

1. An update is noted as seen, durably, before it is obeyed: it is never obeyed twice, and one that
   a crash swallows has done nothing.
2. What was written before the process began, or more than a minute ago, is not obeyed.
3. Who is not on the list gets no answer at all.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import structlog

from swingbreak.adapters.telegram import TelegramBot, TelegramChat, Update
from swingbreak.alerts import answers
from swingbreak.alerts.alert import Alert, Severity, short
from swingbreak.alerts.asking import CODE_S, CONTROLS, GUARDED, HELP, Asked, Codes, Word, asked
from swingbreak.alerts.delivery import Outcome, pause_s
from swingbreak.bootstrap.giving import Said, give, give_kill
from swingbreak.bootstrap.notifying.post import Post
from swingbreak.bootstrap.notifying.watching import Watcher
from swingbreak.bootstrap.replaying import explain
from swingbreak.domain.control import Control
from swingbreak.domain.errors import ConfigError, SwingbreakError
from swingbreak.domain.session import ist_clock
from swingbreak.ports import Clock
from swingbreak.settings import Settings

__all__ = ["Answerer"]

_OF_TABLES: Final = {
    Word.POSITIONS: answers.positions,
    Word.ORDERS: answers.orders,
    Word.PNL: answers.pnl,
}

_OLD: Final = timedelta(seconds=60)
_NAME: Final = 40
_GUESSES: Final = "the code is wrong, used or too old; nothing was done. /{} gives a new one"


class Answerer:
    """Answers the chats of the settings.

    Args:
        draw: Makes a code of six digits that nobody can foresee.
        poll_s: How long Telegram may wait for something to happen.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what an answer is made of
        self,
        bot: TelegramBot,
        settings: Settings,
        clock: Clock,
        post: Post,
        watcher: Watcher,
        draw: Callable[[], str],
        poll_s: int = 25,
    ) -> None:
        self._bot = bot
        self._settings = settings
        self._clock = clock
        self._post = post
        self._watcher = watcher
        self._draw = draw
        self._poll_s = poll_s
        self._codes = Codes()
        self._state_dir = settings.state_dir
        self._log = structlog.get_logger()

    async def run(self) -> None:
        """Answer until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            await self._pass_over()
            while True:
                for update in await self._heard(self._poll_s):
                    # a long answer must not keep a flatten waiting
                    tasks.create_task(self.answer(update))

    async def _pass_over(self) -> None:
        """Let go what was written before now."""
        old: list[Update] = []
        while found := await self._heard(0):
            old += found
        commands = [each for each in old if self._knows(each) and asked(each.text)]
        if commands:
            text = f"not obeyed, for they came before this process began: {len(commands)} commands"
            self._warn("telegram.passed_over", text)

    async def _heard(self, wait_s: int) -> Sequence[Update]:
        failures = 0
        while True:
            memory = self._post.memory
            found, last, delivery = await self._bot.updates(memory.update_id, wait_s)
            if delivery.outcome is Outcome.DELIVERED:
                memory.update_id = last
                self._post.save()
                return found
            failures += 1
            self._log.warning("telegram.mute", reason=delivery.why)
            if delivery.outcome is Outcome.BARRED:
                self._warn("telegram.mute", f"no command is heard: {delivery.why}")
            await asyncio.sleep(pause_s(failures, delivery))

    async def answer(self, update: Update) -> None:
        """Do what *update* asks, and say so."""
        if not self._knows(update):
            text = f"chat {update.chat} ({short(update.name, _NAME)}) wrote to the bot, unanswered"
            self._warn("telegram.stranger", text)
            return
        question = asked(update.text)
        if question is None:
            await self._reply(update, "no command of mine; /help lists them")
            return
        self._log.info("command.heard", word=question.word.value)
        now = self._clock.now()
        if abs(now - update.at) > _OLD:
            text = (
                f"not obeyed: it was written at {ist_clock(update.at)} and it is {ist_clock(now)} "
                "here; say it again, or set this machine's clock"
            )
            await self._reply(update, text)
            return
        try:
            text = await self._text(update, question)
        except SwingbreakError as error:
            text = f"that did not work: {error}"
        await self._reply(update, text)

    async def _text(self, update: Update, question: Asked) -> str:
        if question.word in CONTROLS:
            return await self._control(update, question)
        if question.word is Word.WHY:
            return await self._why(question.rest)
        if question.word is Word.HELP:
            return HELP
        tables = self._watcher.tables()
        if question.word is Word.STATUS:
            return answers.status(tables, runs=self._post.memory.runs)
        return _OF_TABLES[question.word](tables)

    async def _why(self, what: str) -> str:
        if what:
            folder = self._settings.state_dir
            _, lines = await asyncio.to_thread(explain, folder, what, None)
            return "\n".join(f"{ist_clock(line.at)} {line.topic}: {line.text}" for line in lines)
        story, log = self._watcher.story, self._watcher.log
        return answers.why(
            halted=story.state.halted if story else "",
            paused=bool(story and story.state.paused),
            runs=self._post.memory.runs,
            held=log.held,
            refusals=log.refusals,
        )

    async def _control(self, update: Update, question: Asked) -> str:
        word, reason = question.word, question.rest
        who = (update.chat, update.sender)
        if word in GUARDED:
            code, _, reason = question.rest.partition(" ")
            now = self._clock.now()
            if not code.isdecimal():
                code = self._draw()
                self._codes.issue(who, word, code, now)
                return f"to {word}, write within {CODE_S} s:\n/{word} {code}"
            if not self._codes.redeem(who, word, code, now):
                return _GUESSES.format(word)
        said = await self._give(CONTROLS[word], reason.strip() or "asked by Telegram")
        return f"{word}: {said.text}" if said.done else f"{word} was NOT done: {said.text}"

    async def _give(self, control: Control, reason: str) -> Said:
        if control is Control.KILL:
            return await asyncio.to_thread(give_kill, self._state_dir, reason, by="telegram")
        try:
            return await asyncio.to_thread(give, self._state_dir, control, reason, by="telegram")
        except ConfigError as error:
            return Said(control, done=False, text=str(error))

    async def _reply(self, update: Update, text: str) -> None:
        receiver = TelegramChat(self._bot, update.chat)
        delivery = await receiver.send(text)
        if delivery.outcome is Outcome.NOT_SENT:
            self._post.put(text, [receiver.name])
            self._post.save()
        elif delivery.outcome is not Outcome.DELIVERED:
            self._log.warning("answer.lost", receiver=receiver.name, reason=delivery.why)

    def _knows(self, update: Update) -> bool:
        return update.chat in self._settings.messengers.chats

    def _warn(self, kind: str, text: str) -> None:
        self._post.take([Alert(self._clock.now(), Severity.WARNING, kind, "bot", text)])
