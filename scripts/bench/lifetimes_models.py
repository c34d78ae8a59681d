"""Fits BG/NBD, and Pareto/NBD if it does not take too long, with the Python package lifetimes, and prints seconds and log-likelihoods as JSON.

    python scripts/bench/lifetimes_models.py CUSTOMERS.csv [--pareto] [--weighted]

The customers are those that `cargo bench --bench models -- --write CUSTOMERS.csv` wrote. Times are in weeks and nothing is
penalised. lifetimes reports a mean in units of its own: the log-likelihood is computed anew from the parameters that it found, by its
own formula, so that it compares.
`--weighted` counts equal customers once, with a weight, as huitou does and as lifetimes can if it is told to.
"""

import argparse
import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, ParetoNBDFitter

DAYS = 7.0


def fitted(fitter, table, weights):
    """Seconds and log-likelihood, or the error."""
    arguments = (table["repeats"].to_numpy(float), table["recency_days"].to_numpy(float) / DAYS, table["age_days"].to_numpy(float) / DAYS)
    started = time.perf_counter()
    try:
        fitter.fit(*arguments, weights=weights)
    except Exception as error:  # lifetimes raises whatever its optimiser does
        return {"failed": f"{type(error).__name__}: {error}"}
    seconds = time.perf_counter() - started
    parameters = {name: float(value) for name, value in fitter.params_.items()}
    weights = np.ones(len(table)) if weights is None else weights
    if isinstance(fitter, BetaGeoFitter):
        mean = fitter._negative_log_likelihood(np.log(list(parameters.values())), *arguments, weights, 0.0)
        log_likelihood = -float(mean) * float(weights.sum())
    else:
        log_likelihood = float((fitter._conditional_log_likelihood(list(parameters.values()), *arguments) * weights).sum())
    return {"fit_seconds": seconds, "log_likelihood": log_likelihood, "parameters": parameters}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("customers")
    parser.add_argument("--pareto", action="store_true", help="Pareto/NBD too, which takes minutes from some thousand customers on")
    parser.add_argument("--weighted", action="store_true", help="equal customers once, with a weight")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    table, weights = pd.read_csv(options.customers), None
    if options.weighted:
        table = table.value_counts(sort=False).rename("weight").reset_index()
        weights = table["weight"].to_numpy(float)
    report = {"bg_nbd": fitted(BetaGeoFitter(penalizer_coef=0.0), table, weights)}
    if options.pareto:
        report["pareto_nbd"] = fitted(ParetoNBDFitter(penalizer_coef=0.0), table, weights)
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
