"""Models of customers at given parameters, as functions of the database: likelihoods, the chance to be alive, purchases to come.

The formulas are those of the papers, evaluated in another way than the program does: integrals by Gauss-Legendre, 2F1 by its series.
A customer is x purchase days after the first, t_x weeks from the first to the last, and T weeks from the first to the end.
Fader, Hardie & Lee 2005 (BG/NBD), Batislam, Denizel & Filiztekin 2007 (MBG/NBD), Schmittlein, Morrison & Colombo 1987 (Pareto/NBD).
"""

import math

import numpy

NODES, WEIGHTS = numpy.polynomial.legendre.leggauss(80)


def log_beta(a, b):
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def added(first, second):
    """ln(e^first + e^second)."""
    high, low = max(first, second), min(first, second)
    return high + math.log1p(math.exp(low - high))


def parts(model, r, alpha, a, b, x, t_x, end):
    """The logarithms of both parts of the likelihood, those who are alive and those who left; for Pareto/NBD a and b are s and beta."""
    front = math.lgamma(r + x) - math.lgamma(r) + r * math.log(alpha)
    alive, left = -(r + x) * math.log(alpha + end), -(r + x) * math.log(alpha + t_x)
    if model == "pareto_nbd":
        s, beta = a, b
        middle, half = (end + t_x) / 2, (end - t_x) / 2
        times = middle + half * NODES
        # (beta / (beta + time))^s by log1p, for s and beta of millions; the greatest value is taken out, so that nothing vanishes.
        heights = -(r + x) * numpy.log(alpha + times) - s * numpy.log1p(times / beta) - numpy.log(beta + times)
        top = heights.max()
        area = half * float(numpy.dot(WEIGHTS, numpy.exp(heights - top)))
        gone = front + math.log(s) + top + math.log(area) if area > 0 else -math.inf
        return front + alive - s * math.log1p(end / beta), gone
    if model == "mbg_nbd":
        return front + log_beta(a, b + x + 1) - log_beta(a, b) + alive, front + log_beta(a + 1, b + x) - log_beta(a, b) + left
    if model == "bg_nbd":
        gone = front + log_beta(a + 1, b + x - 1) - log_beta(a, b) + left if x > 0 else -math.inf
        return front + log_beta(a, b + x) - log_beta(a, b) + alive, gone
    raise ValueError(f"the oracle has no formula for {model}")


def log_likelihood(model, r, alpha, a, b, x, t_x, end):
    return added(*parts(model, r, alpha, a, b, x, t_x, end))


def p_alive(model, r, alpha, a, b, x, t_x, end):
    alive, gone = parts(model, r, alpha, a, b, x, t_x, end)
    return 1 / (1 + math.exp(gone - alive)) if gone - alive < 700 else 0.0


def hypergeometric(a, b, c, z):
    """2F1 by its series, for 0 <= z < 1."""
    term = total = 1.0
    for n in range(1000000):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        if abs(term) < 1e-17 * abs(total):
            return total
    raise ValueError(f"2F1({a}, {b}; {c}; {z}) does not settle")


def purchases_to_come(model, r, alpha, a, b, x, t_x, end, weeks):
    """Purchases that are expected in the weeks after the end."""
    living = p_alive(model, r, alpha, a, b, x, t_x, end)
    if weeks <= 0:
        return 0.0
    if model == "pareto_nbd":
        s, beta = a, b
        reach = math.log((beta + end) / (beta + end + weeks))
        # (1 - e^((s - 1) reach)) / (s - 1), which is -reach at s = 1.
        share = -reach if abs(s - 1) < 1e-12 else -math.expm1((s - 1) * reach) / (s - 1)
        return living * (r + x) * (beta + end) / (alpha + end) * share
    more = 1 if model == "mbg_nbd" else 0
    z = weeks / (alpha + end + weeks)
    series = hypergeometric(r + x, b + x + more, a + b + x + more - 1, z)
    bracket = 1 - math.exp((r + x) * math.log((alpha + end) / (alpha + end + weeks))) * series
    return (a + b + x + more - 1) / (a - 1) * bracket * living


def register(db):
    customer = ["VARCHAR", "DOUBLE", "DOUBLE", "DOUBLE", "DOUBLE", "BIGINT", "DOUBLE", "DOUBLE"]
    db.create_function("log_likelihood", log_likelihood, customer, "DOUBLE")
    db.create_function("p_alive", p_alive, customer, "DOUBLE")
    db.create_function("purchases_to_come", purchases_to_come, [*customer, "DOUBLE"], "DOUBLE")
