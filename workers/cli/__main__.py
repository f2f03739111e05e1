"""``python -m workers.cli``: what ``./run`` hands its arguments to."""

import sys

from workers.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
