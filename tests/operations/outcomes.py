"""Runs the tests of a file one after the other, and says of each how it went."""

import sys


class Skipped(Exception):
    """The program that the test needs is not there."""


def run(tests):
    """Runs them all; the last line counts them, and the exit code is 1 where one failed."""
    passed = failed = 0
    for test in tests:
        name = test.__name__.replace("_", " ")
        try:
            test()
        except Skipped as missing:
            print(f"skipped {name}: {missing}")
        except AssertionError as wrong:
            failed += 1
            print(f"FAILED  {name}\n{wrong}")
        else:
            passed += 1
            print(f"ok      {name}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)
