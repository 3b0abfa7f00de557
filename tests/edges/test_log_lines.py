"""Whoever reads a file of JSON lines passes over what is none of ours."""

from pathlib import Path

import pytest

from swingbreak.adapters.log_lines import LogPlace, grown, lines_before
from swingbreak.adapters.log_tail import tail

GOOD = b'{"at":"2026-11-20T09:21:00+05:30","event":"e"}'


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'ent":"cut"}', id="its-beginning-cut"),
        pytest.param(b'{"event":"cu', id="its-end-cut"),
        pytest.param(b"\0\0\0", id="a-block-that-was-never-written"),
        pytest.param(b'{"event":"\xff"}', id="not-utf-8"),
        pytest.param(b"[1]", id="no-object"),
    ],
)
def test_a_line_that_cannot_be_read_hides_no_other(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "swingbreak_20261120.log"
    content = b"\n".join([GOOD, line, GOOD, b""])
    path.write_bytes(content)
    told = [{"at": "2026-11-20T09:21:00+05:30", "event": "e"}] * 2
    assert [found for _, found in grown(path, 0)] == told
    assert [at for at, _ in grown(path, 0)] == [len(GOOD) + 1, len(content)]
    assert [*lines_before(tmp_path, LogPlace(path.name, len(content)))] == told
    assert [each.event for each in tail(path, 5)] == ["e", "e"]
