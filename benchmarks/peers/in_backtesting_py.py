"""The outside half of ``simple_cases.py``: backtesting.py trades what standard input describes.

Runs in the environment that has backtesting.py and nothing of ours. Cases come as JSON, and what
was traded goes out as JSON: minute and price of each entry and exit.
"""

import json
import sys
from typing import Any

import pandas as pd
from backtesting import Backtest, Strategy


def strategy_of(case: dict[str, Any]) -> type[Strategy]:
    class Told(Strategy):
        def init(self) -> None:
            """Need no indicators."""

        def next(self) -> None:
            closed = len(self.data)  # bars; what is ordered now works from the next one on
            if closed == case["placed"]:
                self.sell(size=case["units"], stop=case["trigger"], sl=case["stop"])
            if closed == case["until"]:
                for order in self.orders:
                    if not order.is_contingent:
                        order.cancel()
            if closed == case["leave"]:
                self.position.close()

    return Told


def traded(case: dict[str, Any]) -> list[list[float]]:
    index = pd.date_range("2026-11-20 09:15", periods=len(case["bars"]), freq="1min")
    bars = pd.DataFrame(case["bars"], index=index, columns=["Open", "High", "Low", "Close"])
    backtest = Backtest(bars, strategy_of(case), cash=10_000_000, finalize_trades=True)
    trades = backtest.run()["_trades"]
    columns = ["EntryBar", "EntryPrice", "ExitBar", "ExitPrice"]
    return [[float(value) for value in row] for row in trades[columns].to_numpy()]


if __name__ == "__main__":
    json.dump([traded(case) for case in json.load(sys.stdin)], sys.stdout)
