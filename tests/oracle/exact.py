"""Statistics that SQL lacks, as functions of the database: exact tests, confidence limits, Student's distribution.

Chances are counted in whole numbers before they are divided, limits are found by halving: nothing here approximates.
"""

import math
from fractions import Fraction

Z = 1.959963984540054  # 97.5 % of the standard normal distribution


def chances(buyers, treated, control):
    """The least number of buyers that can be among the treated, and the chances of that number, the next one and so on."""
    least = max(0, buyers - control)
    every = math.comb(treated + control, buyers)
    return least, [math.comb(treated, k) * math.comb(control, buyers - k) / every for k in range(least, min(buyers, treated) + 1)]


def exact_p(strata):
    """Two-sided exact p-value over strata of (treated, treated buyers, control, control buyers): Fisher's test where there is one.

    The chance, over all divisions of each stratum's buyers over its arms, of a number of treated buyers in all that is as rare or rarer.
    """
    least, together, observed = 0, [1.0], 0
    for treated, treated_buyers, control, control_buyers in strata:
        first, own = chances(treated_buyers + control_buyers, treated, control)
        sums = [0.0] * (len(together) + len(own) - 1)
        for i, a in enumerate(together):
            if a > 0:
                for j, b in enumerate(own, i):
                    sums[j] += a * b
        least, together, observed = least + first, sums, observed + treated_buyers
    # What is equally rare on paper may differ in the last digits.
    limit = together[observed - least] * (1 + 1e-9)
    return min(1.0, math.fsum(chance for chance in together if chance <= limit))


def wilson(buyers, members):
    share, square = buyers / members, Z * Z
    middle = (share + square / (2 * members)) / (1 + square / members)
    half = Z * math.sqrt(share * (1 - share) / members + square / (4 * members * members)) / (1 + square / members)
    return middle - half, middle + half


def halved(function, low, high):
    """Where the falling function passes 0."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return middle


def at_least(buyers, members, share):
    """The chance of so many buyers or more."""
    return math.fsum(math.comb(members, k) * share**k * (1 - share) ** (members - k) for k in range(buyers, members + 1))


def clopper_pearson(buyers, members):
    low = 0.0 if buyers == 0 else halved(lambda share: 0.025 - at_least(buyers, members, share), 0.0, 1.0)
    high = 1.0 if buyers == members else halved(lambda share: 0.975 - at_least(buyers + 1, members, share), 0.0, 1.0)
    return low, high


def newcombe(treated, treated_buyers, control, control_buyers):
    """Newcombe's method 10 (1998), with exact limits of an arm in which fewer than 5 bought or fewer than 5 did not."""
    limits = [
        (clopper_pearson if min(buyers, members - buyers) < 5 else wilson)(buyers, members)
        for buyers, members in ((treated_buyers, treated), (control_buyers, control))
    ]
    (low_1, high_1), (low_0, high_0) = limits
    share_1, share_0 = treated_buyers / treated, control_buyers / control
    return [
        share_1 - share_0 - math.hypot(share_1 - low_1, high_0 - share_0),
        share_1 - share_0 + math.hypot(high_1 - share_1, share_0 - low_0),
    ]


def sato(strata):
    """The Mantel-Haenszel difference with limits by Sato's variance (1989)."""
    weight = difference = p = q = 0.0
    for n, x, m, y in strata:
        total = n + m
        weight += n * m / total
        difference += (x * m - y * n) / total
        p += (n * n * y - m * m * x + n * m * (m - n) / 2) / (total * total)
        q += (x * (m - y) + y * (n - x)) / (2 * total)
    difference /= weight
    half = Z * math.sqrt((difference * p + q) / (weight * weight))
    return [difference - half, difference + half]


def student_above(t, freedom):
    """The chance of Student's distribution beyond ±t: the incomplete beta function by its continued fraction (Lentz)."""
    a, b, x = freedom / 2, 0.5, freedom / (freedom + t * t)
    if x >= 1:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    swapped = x > (a + 1) / (a + b + 2)
    if swapped:
        a, b, x = b, a, 1 - x
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10000):
        for top in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d, c = 1 / (1 + top * d), 1 + top / c
            value *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    found = front * value / a
    return 1 - found if swapped else found


def student_limit(freedom):
    """97.5 % of Student's distribution."""
    return halved(lambda t: student_above(t, freedom) - 0.05, 0.0, 1000.0)


def exact_greater(both, one, other, every):
    """The chance that as many of `every` or more are both, if `one` of them and `other` of them are drawn apart: Fisher's test, one-sided.

    Ways are counted in whole numbers, each from the one before. What is left out at the end cannot change the last digit of a float: behind the
    top of the distribution each number is a smaller part of the one before, and the first is below 2^-100 of all so far.
    """
    few, many = sorted((one, other))
    own = math.comb(many, both) * math.comb(every - many, few - both)
    ways = own
    for k in range(both, few):
        more = own * (many - k) * (few - k) // ((k + 1) * (every - many - few + k + 1))
        if more < own and more << 100 < ways:
            break
        own, ways = more, ways + more
    return float(Fraction(ways, math.comb(every, few)))


def register(db):
    strata = "BIGINT[][]"
    db.create_function("exact_greater", exact_greater, ["BIGINT"] * 4, "DOUBLE")
    db.create_function("exact_p", exact_p, [strata], "DOUBLE")
    db.create_function("sato", sato, [strata], "DOUBLE[]")
    db.create_function("newcombe", newcombe, ["BIGINT"] * 4, "DOUBLE[]")
    db.create_function("student_above", student_above, ["DOUBLE", "DOUBLE"], "DOUBLE")
    db.create_function("student_limit", student_limit, ["DOUBLE"], "DOUBLE")
