"""What a job says that changes results: its parameters, its rule files and its strategy files, read independently of the program.

The stages come as the tables stage_rules, stage_bounds and stage_wants for stage/*.sql. The parameters come as `key=value` pairs, the rules as the tables rules, requirements, limits, conditions and levels for assessment/*.sql,
the strategies as what audience/lists.sql leaves open. A key that is not known here stops the comparison.
"""

import os
import re
import sys

import yaml

# Parameters that no table of the oracle depends on, or only in columns that it does not compute.
WITHOUT_INFLUENCE = {"max_reject_share"}
RULE_KEYS = {
    "assessment", "valid_from", "valid_to", "period", "exempt_months", "trial_months", "from_day", "to_day", "days", "peers", "eligible",
    "min_peers", "requirements",
}
STAGE_FIGURES = {
    "months_open", "amount_3m", "growth_3m", "growth_year", "returning_amount_share", "hit_items", "new_item_share", "category_rank_share",
}
REQUIREMENT_KEYS = {"metric", "test", "value", "column", "share", "base", "k", "standard", "trial_share", "when", "levels"}
STRATEGY_KEYS = {"strategy", "title", "where", "order_by", "max_size", "cool_down_days", "min_hours_since_order", "control_share"}
# Metrics that assessment/results.sql computes. Any other name is one of the input shop_metrics.
METRICS = {
    "paid_amount", "uv_conversion", "payment_rate", "dsr_description", "dsr_service", "dsr_delivery", "dsr_logistics", "dsr_mean",
    "dispute_rate", "intervened_refunds", "refund_applications", "refund_rate", "refund_hours", "complaint_rate", "delivery_hours",
    "new_items", "service_score_min", "service_score_mean", "service_score_kth", "service_months_below", "idle_months",
    "violation_points", "serious_violation_points", "red_line_violations",
}


def refuse(path, text):
    sys.exit(f"{path}: the oracle does not know {text}")


def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def checked(path, mapping, known):
    if unknown := sorted(set(mapping) - known):
        refuse(path, ", ".join(map(str, unknown)))
    return mapping


class Job:
    """A job file with the files that it names."""

    def __init__(self, path):
        job, folder = read(path), os.path.dirname(os.path.abspath(path))
        self.path, self.params, self.inputs = path, job.get("params") or {}, set(job["inputs"])
        self.rules = [(name, read(os.path.join(folder, name))) for name in job.get("assessments") or []]
        self.strategies = [read(os.path.join(folder, name)) for name in job.get("strategies") or []]
        self.stages = read(os.path.join(folder, job["stages"])) if job.get("stages") else {}
        for strategy in self.strategies:
            checked(path, strategy, STRATEGY_KEYS)

    def pairs(self):
        """The parameters as `--set` writes them."""
        found = []
        for name, value in self.params.items():
            for key, part in [(f"{name}.{inner}", part) for inner, part in value.items()] if isinstance(value, dict) else [(name, value)]:
                if key not in WITHOUT_INFLUENCE:
                    found.append(f"{key}={'[' + ', '.join(map(str, part)) + ']' if isinstance(part, list) else part}")
        return found


REFILLS = ("refill_item", "ran_out_on", "refill_days", "refill_quantity", "refill_item_pair")


def lists_of(strategies):
    """What stands in audience/lists.sql in braces, by the strategies' tables. What customers run out of, and what to offer them, is asked for by
    some strategy that names a column of it, or is null in all lists."""
    texts = " ".join(str(part) for strategy in strategies for part in (strategy["where"], strategy.get("order_by", "")))
    names = lambda columns: str(any(re.search(rf"\b{column}\b", texts) for column in columns)).lower()
    asked = {"refills": names(REFILLS), "offers": names(["last_item_pair"]), "strategies": [strategy["strategy"] for strategy in strategies]}
    return {f"audience_{strategy['strategy']}": {**list_of(strategy), **asked} for strategy in strategies}


def list_of(strategy):
    """The part of it that one strategy says."""
    order = strategy.get("order_by", "net_revenue desc")
    columns = [order] if isinstance(order, str) else order
    for column in columns:
        if not re.fullmatch(r"\w+( desc)?", column):
            sys.exit(f"order_by: {column} is neither a column nor a column with desc")
    return {
        "strategy": strategy["strategy"],
        "where": strategy["where"],
        "order_by": ", ".join(f"{column} nulls last" for column in columns),
        "max_size": strategy.get("max_size", 500),
        "min_hours_since_order": strategy.get("min_hours_since_order", 48),
        "control_share": strategy.get("control_share", 0.10),
        "cool_down_days": strategy.get("cool_down_days", 30),
    }


def by_category(value):
    """(category, number) of a number or of a mapping from categories; the category of `default` is null."""
    if value is None:
        return []
    if not isinstance(value, dict):
        return [(None, value)]
    return [(None if name == "default" else name, number) for name, number in value.items()]


def load_rules(db, rules, min_peers, has_shop_metrics):
    """The tables rules, requirements, limits, conditions, levels. `file` is the number of the rule file in the job."""
    db.execute("""
        CREATE TEMP TABLE rules (file INTEGER, assessment VARCHAR, valid_from DATE, valid_to DATE, period VARCHAR, exempt_months INTEGER,
            trial_months INTEGER, from_day INTEGER, to_day INTEGER, days INTEGER, peers VARCHAR, open_months INTEGER, min_peers INTEGER);
        CREATE TEMP TABLE requirements (file INTEGER, metric VARCHAR, test VARCHAR, share DECIMAL(18, 9), base VARCHAR, k INTEGER, source VARCHAR);
        CREATE TEMP TABLE limits (file INTEGER, metric VARCHAR, kind VARCHAR, category VARCHAR, number DOUBLE);
        CREATE TEMP TABLE conditions (file INTEGER, metric VARCHAR, nth INTEGER, condition VARCHAR, at_least DOUBLE, at_most DOUBLE);
        CREATE TEMP TABLE levels (file INTEGER, metric VARCHAR, points DOUBLE, consequence VARCHAR)""")
    for number, (name, rule) in enumerate(rules):
        checked(name, rule, RULE_KEYS)
        if rule["period"] not in ("month", "quarter", "year", "rolling_year", "window", "trailing"):
            refuse(name, f"period: {rule['period']}")
        db.execute("INSERT INTO rules VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [
            number, rule["assessment"], rule.get("valid_from"), rule.get("valid_to"), rule["period"], rule.get("exempt_months", 3),
            rule.get("trial_months", 12), rule.get("from_day"), rule.get("to_day"), rule.get("days"), rule.get("peers", "category"),
            (rule.get("eligible") or {}).get("open_months", 0), rule.get("min_peers", min_peers)])
        for required in rule["requirements"]:
            checked(name, required, REQUIREMENT_KEYS)
            metric, source = required["metric"], required.get("column")
            if metric not in METRICS and not has_shop_metrics:
                refuse(name, f"metric: {metric}")
            if required["test"] not in ("at_least", "at_most", "not_bottom", "at_least_peer_mean", "at_most_peer_mean"):
                refuse(name, f"test: {required['test']}")
            if source and source != "shops.annual_target" and not source.startswith("shop_metrics."):
                refuse(name, f"column: {source}")
            db.execute("INSERT INTO requirements VALUES (?, ?, ?, ?, ?, ?, ?)", [
                number, metric, required["test"], required.get("share"), required.get("base", "paid"), required.get("k"), source])
            for kind in ("value", "standard", "trial_share"):
                for category, limit in by_category(required.get(kind)):
                    db.execute("INSERT INTO limits VALUES (?, ?, ?, ?, ?)", [number, metric, kind, category, limit])
            for nth, (condition, bounds) in enumerate((required.get("when") or {}).items()):
                checked(name, bounds, {"at_least", "at_most"})
                db.execute("INSERT INTO conditions VALUES (?, ?, ?, ?, ?, ?)", [
                    number, metric, nth, condition, bounds.get("at_least"), bounds.get("at_most")])
            for points, consequence in (required.get("levels") or {}).items():
                db.execute("INSERT INTO levels VALUES (?, ?, ?, ?)", [number, metric, points, consequence])


def load_stages(db, path, stages):
    """The tables stage_rules (from 1), stage_bounds, stage_wants: the metrics of each stage. `words` is a bound as the column reason has it."""
    db.execute("""
        CREATE TEMP TABLE stage_rules (rule INTEGER, stage VARCHAR);
        CREATE TEMP TABLE stage_bounds (rule INTEGER, nth INTEGER, figure VARCHAR, at_least DOUBLE, at_most DOUBLE, or_unknown BOOLEAN, words VARCHAR);
        CREATE TEMP TABLE stage_wants (stage VARCHAR, metric VARCHAR)""")
    checked(path, stages, {"rules", "metrics"})
    for number, rule in enumerate(stages.get("rules", []), 1):
        checked(path, rule, {"stage", "when"})
        db.execute("INSERT INTO stage_rules VALUES (?, ?)", [number, rule["stage"]])
        for nth, (figure, bounds) in enumerate(checked(path, rule.get("when") or {}, STAGE_FIGURES).items()):
            checked(path, bounds, {"at_least", "at_most", "or_unknown"})
            words = [f"{figure} {sign} {bounds[key]:g}" for key, sign in (("at_least", ">="), ("at_most", "<=")) if key in bounds]
            db.execute("INSERT INTO stage_bounds VALUES (?, ?, ?, ?, ?, ?, ?)", [
                number, nth, figure, bounds.get("at_least"), bounds.get("at_most"), bool(bounds.get("or_unknown")), " and ".join(words)])
    for stage, metrics in (stages.get("metrics") or {}).items():
        db.executemany("INSERT INTO stage_wants VALUES (?, ?)", [[stage, metric] for metric in metrics] or [[None, None]])
