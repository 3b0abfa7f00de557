"""Contracts of which one order may be two lots: every larger quantity is sliced."""

from dataclasses import replace

from tests.builders import CE, contract

LARGEST = 130
FROZEN = replace(CE, freeze=LARGEST + 1)
FROZEN2 = replace(contract(24600), freeze=LARGEST + 1)
