"""What people are to be told about facts that have grown old."""

from datetime import date

from swingbreak.facts.dated import Facts

__all__ = ["staleness"]


def staleness(facts: Facts, day: date) -> tuple[str, ...]:
    """Return a sentence for each day of knowledge that is too long before *day*."""
    names: dict[date, list[str]] = {}
    for source in facts.stale(day):
        names.setdefault(source.known_until, []).append(source.name)
    return tuple(
        f"facts of {', '.join(files)} are known until {known} only, {(day - known).days} days "
        f"before {day}: check lots, freeze quantities, holidays and charges, and correct them in a "
        "file named in facts_files"
        for known, files in sorted(names.items())
    )
