"""Runs a swingbreak that is installed elsewhere as a strategy of OpenAlgo's strategy host.

Upload this one file at /python in OpenAlgo, with your own paths in the three lines below. The host
gives the API key and its own addresses in the environment; nothing else of its environment, which
holds the server's secrets, is handed on.
"""

import os
import subprocess
import sys

PYTHON = "/opt/swingbreak/.venv/bin/python"
CONFIG = "/etc/swingbreak/swingbreak.toml"
STATE = "/var/lib/swingbreak"

PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ")
HERE = os.environ
COMMAND = [PYTHON, "-m", "swingbreak", "run", "--config", CONFIG, "--state-dir", STATE]
ENVIRONMENT = {
    **{name: HERE[name] for name in PASSED_ON if name in HERE},
    "OPENALGO_API_KEY": HERE["OPENALGO_API_KEY"],
    "OPENALGO_HOST": HERE.get("OPENALGO_HOST")
    or HERE.get("HOST_SERVER")
    or "http://127.0.0.1:5000",
    "OPENALGO_WS_URL": HERE.get("WEBSOCKET_URL") or "ws://127.0.0.1:8765",
}

if sys.platform == "win32":  # where execve is not what it is elsewhere
    sys.exit(subprocess.call(COMMAND, env=ENVIRONMENT))
os.execve(PYTHON, COMMAND, ENVIRONMENT)
