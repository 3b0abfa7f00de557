"""Facts that change with time, each with its source; and what follows from them. No I/O.

Rules of this package:

1. A fact is looked up by day; nothing here knows what day it is.
2. What is not known is :class:`UnknownFact`, never a guess.
"""
