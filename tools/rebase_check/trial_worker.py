"""One more process that makes trials: reads them from standard input and writes the verdicts to standard output.

It imports no more than a trial needs, where a process of `multiprocessing` would load the whole command again.
"""

import pickle
import sys

from tools.rebase_check.trial import try_one


def main() -> None:
    """Tries everything that it is given; both ends are `tools.rebase_check.trial_pool`, and nobody else's bytes are read."""
    trials, overlay, series = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(pickle.dumps([try_one(trial, overlay, series) for trial in trials]))


if __name__ == "__main__":
    main()
