"""``python -m swingbreak``."""

from swingbreak.cli.main import main

if __name__ == "__main__":
    main()
