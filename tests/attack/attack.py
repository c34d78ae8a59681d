"""Attacks the program from outside for some minutes: kills, limits, mutated files, expressions, links, changing inputs.

    python tests/attack/attack.py HUITOU --minutes 5 --seed 1 [--only parquet,sql]

Prints what was tried of each class, with the exit codes and the faults: panics and bugs (code 1), aborts (a signal that nobody sent), hangs
of over 30 seconds, memory over twice the limit without a word, files of others touched, mixtures published, failures without a word. Ends with
`N passed, M failed`, a class being one test.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import classes
from trial import Tally

COLUMNS = ["panic", "abort", "hang", "memory", "touched", "mixture", "silence"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("huitou")
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="classes, separated by commas")
    options = parser.parse_args()
    huitou = str(Path(options.huitou).resolve())
    names = options.only.split(",") if options.only else list(classes.CLASSES)
    seconds = options.minutes * 60 / len(names)
    tallies = []
    with tempfile.TemporaryDirectory() as place:
        for name in names:
            folder = Path(place) / name
            folder.mkdir()
            tally = Tally(name)
            chance = random.Random(f"{options.seed} {name}")
            ends = time.monotonic() + seconds
            for trial in classes.CLASSES[name](huitou, folder, chance):
                tally.add(*trial)
                if time.monotonic() > ends:
                    break
            tallies.append(tally)
            print(row(tally), flush=True)
    print()
    print("| class | tried | exit codes | " + " | ".join(COLUMNS) + " |")
    print("| --- | ---: | --- |" + " ---: |" * len(COLUMNS))
    for tally in tallies:
        print(row(tally))
    for tally in tallies:
        for example in tally.examples:
            print(example)
    failed = sum(1 for tally in tallies if tally.faults)
    print(f"{len(tallies) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


def row(tally):
    codes = ", ".join(f"{code}: {count}" for code, count in sorted(tally.codes.items()))
    return f"| {tally.name} | {tally.tried} | {codes} | " + " | ".join(str(tally.faults[column]) for column in COLUMNS) + " |"


if __name__ == "__main__":
    main()
