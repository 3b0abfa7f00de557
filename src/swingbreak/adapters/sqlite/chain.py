"""The chain over the ledger: each row's link is a hash of its content and of the link before it.

Rules of this file:

1. What a link covers is data on people's disks: the form is never changed.
2. A row that was there before there was a chain is sealed: its link says so, for nobody knows what
   had happened to it until then.
"""

import hashlib
from typing import Final, NamedTuple

__all__ = ["ORIGIN", "LedgerRow", "link"]

# The link before the first row.
ORIGIN: Final = hashlib.sha256(b"swingbreak ledger").hexdigest()


class LedgerRow(NamedTuple):
    """A row of the ledger table without its link, in the order of its columns."""

    seq: int
    day: str
    at: str
    kind: str
    version: int
    order_id: str | None
    body: str


def link(previous: str, row: LedgerRow, *, sealed: bool = False) -> str:
    """Return the link of *row*, 64 hexadecimal digits.

    Args:
        previous: The link of the row before, or ``ORIGIN``.
        row: Its content.
        sealed: Whether it is older than the chain.
    """
    seq, day, at, kind, version, order_id, body = row
    # the lengths keep what belongs to one column out of the next
    lengths = f"{len(day)} {len(at)} {len(kind)} {-1 if order_id is None else len(order_id)}"
    head = f"{previous} {int(sealed)} {seq} {version} {lengths} "
    content = f"{head}{day}{at}{kind}{order_id or ''}{body}"
    return hashlib.sha256(content.encode(errors="surrogateescape")).hexdigest()
