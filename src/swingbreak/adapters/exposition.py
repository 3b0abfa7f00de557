"""Prometheus' text format: metrics as lines that a scraper reads.

Rules of this file:

1. Version 0.0.4: UTF-8, one HELP and one TYPE a metric before its samples, no timestamps, for the
   scraper has a clock and node_exporter's textfile collector refuses them.
2. What is not known has no sample: an absent series can be asked for, a made-up 0 cannot be told.

Source: prometheus.io, "Exposition formats" and "Metric and label naming", read 2026-11-29.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = ["CONTENT_TYPE", "Metric", "Sample", "exposition"]

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Sample: TypeAlias = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with all its samples.

    Attributes:
        name: With its unit, and ``_total`` where it only grows until it begins anew.
        meaning: For its HELP line.
        samples: Labels and value of each.
    """

    name: str
    kind: Literal["counter", "gauge"]
    meaning: str
    samples: tuple[Sample, ...]


def exposition(metrics: Iterable[Metric]) -> str:
    """Return *metrics* in the text format; one without samples is left out."""
    lines: list[str] = []
    for metric in metrics:
        if metric.samples:
            meaning = metric.meaning.replace("\\", r"\\").replace("\n", r"\n")
            lines += [f"# HELP {metric.name} {meaning}", f"# TYPE {metric.name} {metric.kind}"]
            lines += [f"{metric.name}{_labels(labels)} {v!r}" for labels, v in metric.samples]
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items()) + "}"


def _escaped(text: str) -> str:
    # a file name may hold bytes that are no text
    shown = text.encode(errors="replace").decode()
    return shown.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
