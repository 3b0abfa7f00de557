"""Cells of a vendor's file as what they mean: instants, paise, units, days, rights.

Rules of this file:

1. A column is read as one form; a cell of another form is refused, never read some other way.
2. Day before month, as India writes it. A time without a zone is India's; a file in which some
   times have a zone and others have none, or another one, is refused.
3. A price is a whole number of paise to a thousandth; an index's value is rounded to the paisa.
"""

import re
from typing import Any

from swingbreak.adapters.data_layer import Expression, Frame, pl
from swingbreak.adapters.store.names import right_of
from swingbreak.adapters.store.sieve import RAW, Sieve

__all__ = ["read_days", "read_instants", "read_levels", "read_prices", "read_rights", "read_units"]

_NOISE = 1e-3
_MOST = 2**31 - 1  # paise
_INDIA_MINUTES = 330
_SAMPLE = 500
_ZONE = r"(?:\d|\s)(Z|[+-]\d{2}:?\d{2})$"
_DATES = (
    *("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y"),
    *("%d-%b-%y", "%d-%b-%Y", "%d%b%y", "%d%b%Y", "%d %b %Y"),
)
_TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S%.f", "%I:%M:%S %p", "%I:%M %p")
_EPOCHS = {10: 1000, 13: 1}  # digits: milliseconds each counts
_PLAUSIBLE_MS = 946_684_800_000  # 2000-01-01
_FIRST_YEAR = 2000


def read_instants(sieve: Sieve) -> None:
    """Read the time of each row, of one column or of a date and a time, into ``ts``, UTC."""
    frame = sieve.frame
    has_own = f"{RAW}ts" in frame.columns
    if not has_own and f"{RAW}time" in frame.columns:
        frame = frame.with_columns(_joined(frame).alias(f"{RAW}ts"))
    elif not has_own:
        frame = frame.with_columns(pl.col(f"{RAW}date").alias(f"{RAW}ts"))
    sieve.frame = frame
    kind = frame.schema[f"{RAW}ts"]
    if isinstance(kind, pl.Datetime):
        sieve.frame = frame.with_columns(_utc(pl.col(f"{RAW}ts"), kind.time_zone).alias("ts"))
    elif kind.is_integer():
        sieve.frame = frame.with_columns(_epoch(pl.col(f"{RAW}ts")).alias("ts"))
    else:
        _read_written(sieve)
    bad = pl.col("ts").is_null() | (pl.col("ts").dt.year() < _FIRST_YEAR)
    sieve.refuse(bad, "ts", "is no time like 2026-11-20 09:15:00", "one form for the whole file")


def _joined(frame: Frame) -> Expression:
    day, clock = pl.col(f"{RAW}date"), pl.col(f"{RAW}time")
    if frame.schema[f"{RAW}date"] != pl.String:
        day = day.dt.strftime("%Y-%m-%d")
    if frame.schema[f"{RAW}time"] != pl.String:
        clock = clock.cast(pl.String)
    return pl.concat_str(day.str.strip_chars(), clock.str.strip_chars(), separator=" ")


def _utc(ts: Expression, zone: str | None) -> Expression:
    ts = ts.cast(pl.Datetime("ms", zone))
    if zone is None:
        return (ts - pl.duration(minutes=_INDIA_MINUTES)).dt.replace_time_zone("UTC")
    return ts.dt.convert_time_zone("UTC")


def _epoch(number: Expression) -> Expression:
    is_ms = number >= _PLAUSIBLE_MS
    ms = pl.when(is_ms).then(number).otherwise(number * 1000)
    return pl.from_epoch(ms, time_unit="ms").dt.replace_time_zone("UTC")


def _read_written(sieve: Sieve) -> None:
    text = pl.col(f"{RAW}ts").cast(pl.String).str.strip_chars()
    frame = sieve.frame.with_columns(text.alias("text"))
    first = frame["text"].drop_nulls().head(_SAMPLE)
    numbers = first.filter(first.str.contains(r"^\d+$"))
    digits = set(numbers.str.len_chars().to_list()) if 2 * len(numbers) > len(first) else set()
    if len(digits) == 1 and (scale := _EPOCHS.get(next(iter(digits)))):
        number = pl.col("text").cast(pl.Int64, strict=False) * scale
        ts = pl.from_epoch(number, time_unit="ms").dt.replace_time_zone("UTC")
        sieve.frame = frame.with_columns(ts.alias("ts"))
        return
    zone = pl.col("text").str.extract(_ZONE, 1).fill_null("").str.replace("^Z$", "+00:00")
    frame = frame.with_columns(zone.alias("zone"))
    sieve.frame = frame
    usual = frame["zone"][0] if len(frame) else ""
    sieve.refuse(
        pl.col("zone") != usual,
        "ts",
        f"has {'another time zone than' if usual else 'a time zone unlike'} the first row's",
        "write all times of a file in one zone, or all without one (India's)",
    )
    clean = pl.col("text").str.replace(_ZONE.replace("(?:", "("), "$1").str.strip_chars()
    bare = sieve.frame.select(clean.str.replace("T", " ", literal=True))["text"]
    form = _form(bare, [f"{day} {clock}" for day in _DATES for clock in _TIMES])
    offset = pl.duration(minutes=_offset(usual))
    naive = pl.lit(bare.str.to_datetime(form, strict=False, time_unit="ms"))
    ts = (naive - offset).dt.replace_time_zone("UTC")
    sieve.frame = sieve.frame.with_columns(ts.alias("ts"))


def _offset(zone: str) -> int:
    if not zone:
        return _INDIA_MINUTES
    hours, minutes = re.findall(r"\d{2}", zone)
    return (int(hours) * 60 + int(minutes)) * (-1 if zone.startswith("-") else 1)


def _form(texts: "pl.Series", forms: list[str]) -> str:
    """Return the form that most of the first *texts* have; the first of equals."""
    sample = texts.drop_nulls().head(_SAMPLE)

    def fits(form: str) -> int:
        return int(
            (sample.str.to_datetime(form, strict=False, time_unit="ms").dt.year() >= _FIRST_YEAR)
            .fill_null(value=False)
            .sum()
        )

    return max(forms, key=fits)


def read_prices(sieve: Sieve, meanings: tuple[str, ...], *, may_lack: bool = False) -> None:
    """Read columns of rupees as paise; where a cell *may_lack* it is 0."""
    why = "is not a price in rupees and whole paise"
    for meaning in meanings:
        scaled = _number(sieve.frame, meaning) * 100
        fits = (scaled - scaled.round()).abs() < _NOISE
        _whole(sieve, meaning, pl.when(fits).then(scaled), why, may_lack=may_lack)


def read_levels(sieve: Sieve, meanings: tuple[str, ...], *, may_lack: bool = False) -> None:
    """Read columns of an index's points as paise, rounded."""
    for meaning in meanings:
        scaled = _number(sieve.frame, meaning) * 100
        _whole(sieve, meaning, scaled, "is not a number of points", may_lack=may_lack)


def read_units(sieve: Sieve, meanings: tuple[str, ...], *, may_lack: bool = False) -> None:
    """Read columns of counts."""
    for meaning in meanings:
        number = _number(sieve.frame, meaning)
        fits = number == number.round()
        _whole(
            sieve, meaning, pl.when(fits).then(number), "is not a whole number", may_lack=may_lack
        )


def _whole(sieve: Sieve, meaning: str, number: Expression, why: str, *, may_lack: bool) -> None:
    usable = pl.when(number.is_finite()).then(number.round()).cast(pl.Int64, strict=False)
    sieve.frame = sieve.frame.with_columns(usable.alias(meaning))
    empty = _is_empty(sieve.frame, meaning)
    if may_lack:
        filled = pl.when(empty).then(0).otherwise(pl.col(meaning))
        sieve.frame = sieve.frame.with_columns(filled.alias(meaning))
    else:
        sieve.refuse(empty, meaning, "is empty", "every row needs it")
    sieve.refuse(pl.col(meaning).is_null(), meaning, why)
    sieve.refuse(pl.col(meaning) < 0, meaning, "is negative", "ask where the file comes from")
    if meaning not in {"volume", "cumulative", "oi", "bid_size", "ask_size"}:
        sieve.refuse(pl.col(meaning) > _MOST, meaning, "is too large to be true")


def _number(frame: Frame, meaning: str) -> Expression:
    cell = pl.col(RAW + meaning)
    if frame.schema[RAW + meaning] == pl.String:
        cell = cell.str.strip_chars().str.replace_all(",", "", literal=True)
    return cell.cast(pl.Float64, strict=False)


def _is_empty(frame: Frame, meaning: str) -> Expression:
    cell, kind = pl.col(RAW + meaning), frame.schema[RAW + meaning]
    if kind == pl.String:
        return cell.is_null() | (cell.str.strip_chars() == "")
    return cell.is_null() | (cell.is_nan() if kind.is_float() else pl.lit(value=False))


def read_days(sieve: Sieve, meaning: str) -> None:
    """Read a column of days."""
    kind: Any = sieve.frame.schema[RAW + meaning]
    cell = pl.col(RAW + meaning)
    if kind.is_temporal():
        day = cell.cast(pl.Date)
    else:
        text = sieve.frame[RAW + meaning].cast(pl.String).str.strip_chars()
        # noon, so that one reader of forms does for both
        form = _form(text + " 12:00", [f"{day} %H:%M" for day in _DATES])
        day = pl.lit((text + " 12:00").str.to_datetime(form, strict=False)).dt.date()
    sieve.frame = sieve.frame.with_columns(day.alias(meaning))
    bad = pl.col(meaning).is_null() | (pl.col(meaning).dt.year() < _FIRST_YEAR)
    sieve.refuse(bad, meaning, "is no day like 2026-11-24")


def read_rights(sieve: Sieve) -> None:
    """Read the column that tells calls from puts."""
    written = sieve.frame[f"{RAW}right"].cast(pl.String)
    rights = {text: right_of(text) for text in written.unique().drop_nulls().to_list()}
    known = {text: right.value for text, right in rights.items() if right}
    right = written.replace_strict(known, default=None, return_dtype=pl.Enum(["CE", "PE"]))
    sieve.frame = sieve.frame.with_columns(right.alias("right"))
    sieve.refuse(pl.col("right").is_null(), "right", "is neither a call nor a put: CE or PE")
