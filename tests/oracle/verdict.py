"""What the comparison of one table comes to."""

import sys


class Report:
    """Faults of one table, printed as they are found."""

    def __init__(self, table):
        self.table, self.faults, self.notes = table, [], []

    def fault(self, text):
        self.faults.append(text)

    def note(self, text):
        self.notes.append(text)

    def close(self, summary):
        print(f"{'FAIL' if self.faults else 'ok  '} {self.table}: {summary}")
        for line in self.faults:
            print(f"     {line}")
        for line in self.notes:
            print(f"     (note) {line}")
        sys.stdout.flush()
        return not self.faults
