"""A Bot API on a loopback port: keeps what is sent, hands out what people write, misbehaves."""

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "123456789:AAF-made-up-token-of-the-tests"  # noqa: S105 - it is made up
OWNER = "987654321"

Answer = tuple[int, bytes]


def refused(code: int, description: str, **parameters: int) -> Answer:
    body = {
        "ok": False,
        "error_code": code,
        "description": description,
        "parameters": parameters,
    }
    return code, json.dumps(body).encode()


def taken(result: object) -> Answer:
    return 200, json.dumps({"ok": True, "result": result}).encode()


HANGS_UP: Answer = (0, b"")
SILENT: Answer = (-1, b"")


@dataclass
class FakeTelegram:
    """What the server knows.

    Attributes:
        sent: Chat and text of each message that was taken.
        updates: What people wrote, by number; it is forgotten when the reader says so.
        plan: What the next calls of a method are answered with instead, oldest first; None for the
            usual answer.
        known: Chats that the bot may write to.
        repeats: Whether updates are handed out again and again.
    """

    url: str = ""
    sent: list[tuple[str, str]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    plan: dict[str, deque[Answer | None]] = field(default_factory=dict)
    known: set[str] = field(default_factory=lambda: {OWNER})
    calls: list[str] = field(default_factory=list)
    repeats: bool = False
    written: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def next(self, method: str, *answers: Answer | None) -> None:
        """Answer the next calls of *method* with these."""
        self.plan.setdefault(method, deque()).extend(answers)

    def write(self, text: str, at: float, *, chat: str = OWNER, number: int | None = None) -> None:
        """Let somebody write *text* to the bot at *at*, seconds since 1970."""
        with self.changed:
            self.written += 1
            somebody = {"id": int(chat), "is_bot": False, "first_name": "A.", "username": "anna"}
            message = {
                "message_id": 1,
                "from": somebody,
                "chat": {"id": int(chat), "type": "private"},
                "date": int(at),
                "text": text,
            }
            update = self.written if number is None else number
            self.updates.append({"update_id": update, "message": message})
            self.changed.notify_all()

    def texts(self, chat: str = OWNER) -> list[str]:
        with self.changed:
            return [text for to, text in self.sent if to == chat]

    def answer(self, token: str, method: str, fields: Mapping[str, Any]) -> Answer:
        with self.changed:
            self.calls.append(method)
            if planned := self.plan.get(method):
                instead = planned.popleft()
                if instead is not None:
                    return instead
            if token != TOKEN:
                return refused(401, "Unauthorized")
            return self._usual(method, fields)

    def _usual(self, method: str, fields: Mapping[str, Any]) -> Answer:
        match method:
            case "getMe":
                return taken({"id": 1, "is_bot": True, "username": "made_up_bot"})
            case "getUpdates":
                return self._updates(fields)
            case "getChat" | "sendMessage" if str(fields["chat_id"]) not in self.known:
                return refused(400, "Bad Request: chat not found")
            case "sendMessage":
                self.sent.append((str(fields["chat_id"]), fields["text"]))
                self.changed.notify_all()
                return taken({"message_id": len(self.sent)})
            case _:
                return taken({"id": fields["chat_id"]})

    def _updates(self, fields: Mapping[str, Any]) -> Answer:
        assert fields["allowed_updates"] == ["message"]
        if not self.repeats:
            offset = fields["offset"]
            self.updates = [row for row in self.updates if row["update_id"] >= offset]
        if not self.updates:
            self.changed.wait(min(fields["timeout"], 0.2))
        return taken(self.updates)


@contextmanager
def telegram() -> Iterator[FakeTelegram]:
    """Serve a Bot API; its threads end with it."""
    fake = FakeTelegram()

    class Calls(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"] or 0)
            fields = json.loads(self.rfile.read(length))
            _, bot, method = self.path.split("/")
            code, body = fake.answer(bot.removeprefix("bot"), method, fields)
            if code == SILENT[0]:
                over.wait(10)
            if code <= 0:
                self.close_connection = True
                return
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # who polled has gone
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    over = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Calls)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
