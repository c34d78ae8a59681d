"""Rows of scripts/bench_models.sh: those of huitou, or with a second file those of a rival compared with them.

    python scripts/bench/models_row.py HUITOU.json [RIVAL.json NAME]
"""

import json
import sys

NAMES = {"bg_nbd": "BG/NBD", "mbg_nbd": "MBG/NBD", "pareto_nbd": "Pareto/NBD"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def main():
    own = read(sys.argv[1])
    customers = f"{own['customers']:,}"
    if len(sys.argv) == 2:
        row(customers, "", "huitou, equal customers counted", f"{own['count_seconds']:.3f}", "", "", "")
        for key, name in NAMES.items():
            fit = own[key]
            row(customers, name, "huitou, fit", f"{fit['fit_seconds']:.3f}", "", f"{fit['log_likelihood']:.2f}", "")
            row(customers, name, "huitou, predictions", f"{fit['predict_seconds']:.3f}", "", "", "")
        return
    rival, contestant = read(sys.argv[2]), sys.argv[3]
    for key, fit in rival.items():
        if "failed" in fit:
            row(customers, NAMES[key], contestant, fit["failed"], "", "", "")
            continue
        seconds = own["count_seconds"] + own[key]["fit_seconds"]
        better = own[key]["log_likelihood"] - fit["log_likelihood"]
        ratio = f"{fit['fit_seconds'] / seconds:.0f}"
        row(customers, NAMES[key], contestant, f"{fit['fit_seconds']:.3f}", ratio, f"{fit['log_likelihood']:.2f}", f"{better:.2f}")


if __name__ == "__main__":
    main()
