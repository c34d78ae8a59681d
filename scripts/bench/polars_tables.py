"""The tables of the Polars suite, each a function from the stages to a frame, with the key that it is sorted by."""

import polars as pl
from polars_stages import CURVE, CUSTOMER, GRAINS, MONEY, TRAFFIC, Stages, start

COUNTS = [
    "placed_orders", "placed_customers", "paid_orders", "paying_customers", "paid_quantity", "purchases", "new_customers",
    "returning_customers", "refunds",
]
AMOUNTS = ["placed_amount", "paid_amount", "refund_amount"]
SHOP_COLUMNS = [
    "placed_orders", "placed_amount", "placed_customers", "paid_orders", "paid_amount", "paying_customers", "paid_quantity",
    "purchases", "new_customers", "returning_customers", "refunds", "refund_amount", *TRAFFIC,
]


def ratio(part: str | pl.Expr, whole: str | pl.Expr) -> pl.Expr:
    """Null where the denominator is 0 or unknown."""
    part, whole = (pl.col(side) if isinstance(side, str) else side for side in (part, whole))
    return pl.when(whole != 0).then(part.cast(pl.Float64) / whole.cast(pl.Float64))


def shop_ratios() -> dict[str, pl.Expr]:
    return {
        "net_revenue": (pl.col("paid_amount") - pl.col("refund_amount")).cast(MONEY),
        "payment_rate": ratio("paid_orders", "placed_orders"),
        "value_per_customer": ratio("paid_amount", "paying_customers"),
        "order_value": ratio("paid_amount", "paid_orders"),
        "returning_share": ratio("returning_customers", pl.col("new_customers") + pl.col("returning_customers")),
    }


def filled() -> list[pl.Expr]:
    return [pl.col(COUNTS).fill_null(0), pl.col(AMOUNTS).fill_null(0).cast(MONEY)]


def shop_days(stages: Stages) -> pl.DataFrame:
    days = stages.shop_days
    for other in (stages.placed_days, stages.paid_days, stages.bought_days, stages.returned_days, stages.traffic):
        days = days.join(other, on=["shop_id", "date"], how="left")
    return days


def of_grain(days: pl.DataFrame, grain: str) -> pl.DataFrame:
    """The three counts of customers for days or periods of a length."""
    names = ["placed_customers", "paying_customers", "returning_customers"]
    return days.with_columns(pl.col(f"{name}_of_{grain}").alias(name) for name in names)


def shop_daily(stages: Stages) -> pl.DataFrame:
    days = of_grain(shop_days(stages), "day").with_columns(filled())
    return days.select(
        "shop_id", "date", *SHOP_COLUMNS,
        **shop_ratios(),
        conversion=ratio("paying_customers", "uv"),
        pages_per_visitor=ratio("pv", "uv"),
        bounce_rate=ratio("bounces", "visits"),
        dwell_per_visit=ratio("dwell_seconds", "visits"),
    )


def nullable_sum(name: str) -> pl.Expr:
    """The sum, or null without values, for which Polars returns 0."""
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name)


def matches_visits(name: str) -> pl.Expr:
    return (pl.col(name).is_null() == pl.col("visits").is_null()).all().alias(f"{name}_match")


def one_grain(stages: Stages, days: pl.DataFrame, grain: str) -> pl.DataFrame:
    last_day = pl.col("period_start").dt.offset_by(GRAINS[grain]).dt.offset_by("-1d")
    year_ago = "-364d" if grain == "week" else "-1y"
    periods = (
        of_grain(days, grain)
        .group_by("shop_id", pl.lit(grain).alias("grain"), start(grain).alias("period_start"))
        .agg(
            *(pl.col(name).sum() for name in COUNTS + AMOUNTS),
            *(nullable_sum(name) for name in TRAFFIC if name not in ("uv", "ipv_uv")),
            nullable_sum("uv").alias("uv_sum"),
            pl.col("first_day").first(),
            pl.len().cast(pl.Int64).alias("days"),
            pl.col("uv").count().cast(pl.Int64).alias("days_with_traffic"),
            pl.col("paying_customers_of_day").filter(pl.col("uv").is_not_null()).fill_null(0).sum().alias("paying_customer_days"),
            pl.col("paid_orders").count().cast(pl.Int64).alias("active_days"),
            pl.col("placed_and_paid").sum(),
            matches_visits("bounces"), matches_visits("dwell_seconds"),
        )
        .with_columns(
            *filled(),
            pl.when(pl.col("days_with_traffic") > 0).then("paying_customer_days").alias("paying_customer_days"),
            ((pl.col("period_start") >= pl.col("first_day")) & (last_day <= stages.as_of)).alias("is_complete"),
            pl.col("period_start").dt.offset_by("-" + GRAINS[grain]).alias("previous_start"),
            pl.col("period_start").dt.offset_by(year_ago).alias("year_ago_start"),
        )
    )
    complete = periods.filter("is_complete").select("shop_id", "period_start", earlier_amount="paid_amount")
    for name in ("previous", "year_ago"):
        earlier = complete.rename({"period_start": f"{name}_start", "earlier_amount": f"{name}_amount"})
        periods = periods.join(earlier, on=["shop_id", f"{name}_start"], how="left")
    return periods


def shop_periods(stages: Stages) -> pl.DataFrame:
    days = shop_days(stages)
    periods = pl.concat(one_grain(stages, days, grain) for grain in GRAINS)
    change = {
        f"paid_amount_vs_{name}": pl.when("is_complete").then(ratio("paid_amount", f"{name}_amount") - 1) for name in ("previous", "year_ago")
    }
    return periods.select(
        "shop_id", "grain", "period_start", *(name for name in SHOP_COLUMNS if name not in ("uv", "ipv_uv")),
        "days", "days_with_traffic", "is_complete", "uv_sum", "paying_customer_days", "active_days",
        **shop_ratios(),
        bounce_rate=pl.when("bounces_match").then(ratio("bounces", "visits")),
        dwell_per_visit=pl.when("dwell_seconds_match").then(ratio("dwell_seconds", "visits")),
        uv_daily_mean=ratio("uv_sum", "days_with_traffic"),
        paying_daily_mean=ratio("paying_customer_days", "days_with_traffic"),
        uv_conversion=ratio("paying_customer_days", "uv_sum"),
        placed_paid_rate=ratio("placed_and_paid", "placed_orders"),
        **change,
    )


def score(by: str) -> pl.Expr:
    """One to five by the number of customers of the shop that are strictly worse."""
    worse = pl.col(by).rank("min").over("shop_id").cast(pl.Int64) - 1
    return 1 + 5 * worse // pl.len().over("shop_id").cast(pl.Int64)


def is_high(name: str) -> pl.Expr:
    return pl.col(name) >= pl.col(name).mean().over("shop_id")


def customers(stages: Stages) -> pl.DataFrame:
    if stages.customers is not None:
        return stages.customers
    totals = stages.purchases.group_by(CUSTOMER).agg(
        pl.col("date").min().alias("first_purchase_date"),
        pl.col("date").max().alias("last_purchase_date"),
        (pl.col("previous_day").is_null() | (pl.col("previous_day") < pl.col("date"))).sum().cast(pl.Int64).alias("purchase_days"),
        pl.len().cast(pl.Int64).alias("orders"),
        pl.col("quantity", "paid_amount").sum(),
        pl.col("refunded").sum().alias("refund_amount"),
        # The rows of a customer are in time order.
        pl.col("channel").first().alias("first_channel"),
        pl.col("category_id").first().alias("first_category"),
        pl.col("province").last(),
    )
    days = (pl.col("date") - pl.col("previous_day")).dt.total_days()
    intervals = (
        stages.purchase_days.filter(pl.col("previous_day").is_not_null())
        .group_by(CUSTOMER)
        .agg(days.median().alias("median_interval_days"), days.last().alias("last_interval_days"))
    )
    recency, last_interval = pl.col("recency_days"), pl.col("last_interval_days")
    span = (pl.col("last_purchase_date") - pl.col("first_purchase_date")).dt.total_days()
    stage = (
        pl.when((recency <= 30) & (pl.col("purchase_days") == 1)).then(pl.lit("new"))
        .when((recency <= 30) & (last_interval > 180)).then(pl.lit("reactivated"))
        .when(recency <= 30).then(pl.lit("active"))
        .when(recency <= 90).then(pl.lit("quiet"))
        .when(recency <= 180).then(pl.lit("dormant"))
        .otherwise(pl.lit("churned"))
    )
    recency_score = (
        pl.when(recency <= 15).then(pl.lit(5, pl.Int64))
        .when(recency <= 30).then(4)
        .when(recency <= 90).then(3)
        .when(recency <= 180).then(2)
        .otherwise(1)
    )
    r, f, m = pl.col("r_high"), pl.col("f_high"), pl.col("m_high")
    segment = (
        pl.when(r & f & m).then(pl.lit("champion"))
        .when(r & m).then(pl.lit("promising"))
        .when(f & m).then(pl.lit("must_keep"))
        .when(m).then(pl.lit("win_back"))
        .when(r & f).then(pl.lit("regular"))
        .when(r).then(pl.lit("recent"))
        .when(f).then(pl.lit("fading"))
        .otherwise(pl.lit("lost"))
    )
    shop_revenue, before = pl.col("net_revenue").sum().over("shop_id"), pl.col("net_revenue").cum_sum().over("shop_id") - pl.col("net_revenue")
    tier = (
        pl.when(shop_revenue <= 0).then(pl.lit("C"))
        .when(before * 100 < shop_revenue * 80).then(pl.lit("A"))
        .when(before * 100 < shop_revenue * 95).then(pl.lit("B"))
        .otherwise(pl.lit("C"))
    )
    stages.customers = (
        totals.join(intervals, on=CUSTOMER, how="left")
        .with_columns(
            pl.col("paid_amount", "refund_amount").cast(MONEY),
            (pl.col("paid_amount") - pl.col("refund_amount")).cast(MONEY).alias("net_revenue"),
            (pl.lit(stages.as_of) - pl.col("last_purchase_date")).dt.total_days().alias("recency_days"),
            (pl.lit(stages.as_of) - pl.col("first_purchase_date")).dt.total_days().alias("age_days"),
        )
        .with_columns(r_score=recency_score, f_score=score("purchase_days"), m_score=score("net_revenue"))
        .with_columns(r_high=pl.col("r_score") >= 3, f_high=is_high("f_score"), m_high=is_high("m_score"))
        .sort("shop_id", "net_revenue", "customer_id", descending=[False, True, False])
        .select(
            *CUSTOMER, "first_purchase_date", "last_purchase_date", "purchase_days", "orders", "quantity",
            "paid_amount", "refund_amount", "net_revenue", ratio("paid_amount", "orders").alias("order_value"), "recency_days", "age_days",
            ratio(span, pl.col("purchase_days") - 1).alias("mean_interval_days"),
            "median_interval_days", "last_interval_days", pl.col("first_purchase_date").dt.truncate("1mo").alias("cohort_month"),
            "first_channel", "first_category", "province", stage.alias("lifecycle"), "r_score", "f_score", "m_score",
            segment.alias("rfm_segment"), tier.alias("value_tier"),
        )
    )
    return stages.customers


def cohort_retention(stages: Stages) -> pl.DataFrame:
    month = pl.col("date").dt.truncate("1mo")
    # Customers belong to one channel and one cohort, so the rows of all channels together are sums of those by channel.
    by_channel = stages.purchases.group_by(
        "shop_id", pl.lit("first_channel").alias("dimension"), pl.col("first_channel").alias("dimension_value"),
        pl.col("first_day").dt.truncate("1mo").alias("cohort"), month.alias("period_start"),
    ).agg(
        (pl.col("previous_day").is_null() | (pl.col("previous_day") < month)).sum().cast(pl.Int64).alias("active_customers"),
        pl.col("is_last").sum().cast(pl.Int64).alias("leaving_customers"), pl.col("is_first").sum().cast(pl.Int64).alias("cohort_size"),
        pl.len().cast(pl.Int64).alias("orders"), (pl.col("paid_amount") - pl.col("refunded")).sum().alias("net_revenue"),
    )
    cohort = ["shop_id", "dimension", "dimension_value", "cohort"]
    everybody = by_channel.with_columns(dimension=pl.lit("all"), dimension_value=pl.lit("all")).group_by(*cohort, "period_start").sum()
    acts = pl.concat([by_channel, everybody.select(by_channel.columns)])
    first_orders = stages.placed_days.group_by("shop_id").agg(pl.col("date").min().alias("first_order"))
    cells = (
        acts.group_by(cohort).agg(pl.col("cohort_size").sum())
        .with_columns(pl.date_ranges("cohort", stages.as_of, "1mo").alias("period_start")).explode("period_start")
        .join(acts.drop("cohort_size"), on=[*cohort, "period_start"], how="left")
        .join(first_orders, on="shop_id")
        .sort(*cohort, "period_start")
        .with_columns(pl.col("active_customers", "leaving_customers", "orders").fill_null(0), pl.col("net_revenue").fill_null(0).cast(MONEY))
        .with_columns(
            pl.int_range(pl.len(), dtype=pl.Int64).over(cohort).alias("period"),
            pl.col("leaving_customers").cum_sum(reverse=True).over(cohort).alias("rolling_active_customers"),
            pl.col("net_revenue").cum_sum().over(cohort).cast(MONEY).alias("cumulative_net_revenue"),
        )
    )
    return cells.select(
        "shop_id", "dimension", "dimension_value", pl.lit("month").alias("grain"), "cohort", "period", "period_start",
        "cohort_size", "active_customers",
        ratio("active_customers", "cohort_size").alias("retention_rate"), "rolling_active_customers",
        ratio("rolling_active_customers", "cohort_size").alias("rolling_retention_rate"), "orders", "net_revenue", "cumulative_net_revenue",
        ratio("cumulative_net_revenue", "cohort_size").alias("cumulative_revenue_per_customer"),
        (pl.col("period_start").dt.month_end() <= stages.as_of).alias("is_complete"),
        # The customers of the first 90 days may have bought before the data begin.
        (pl.col("cohort") < pl.col("first_order").dt.offset_by("90d")).alias("is_left_truncated"),
    )


def repurchase_intervals(stages: Stages) -> pl.DataFrame:
    curve, days, events = CURVE, pl.col("days"), pl.col("events")
    observed, survival = pl.col("days").filter(events > 0), pl.col("survival")
    frame = stages.survival.with_columns(reached=events.cum_sum().over(curve), total=events.sum().over(curve))

    def quantile(share: float) -> pl.Expr:
        # Between the order statistics on both sides of rank share * (total - 1); null if no customer returned.
        rank = share * (pl.col("total") - 1)
        below = days.filter(pl.col("reached") > rank.floor()).min()
        above = days.filter(pl.col("reached") > rank.ceil()).min()
        return below + (above - below) * (rank - rank.floor()).first()

    def within(limit: int) -> pl.Expr:
        is_known = (days.max() >= limit) | (survival.min() == 0)
        return pl.when(is_known).then(1 - survival.filter(days <= limit).min().fill_null(1))

    sums = frame.group_by(curve).agg(
        (events + pl.col("censored")).sum().alias("customers"), events.sum().alias("repurchased"),
        (days * events).sum().alias("day_sum"), (days * days * events).sum().alias("square_sum"),
        observed.min().alias("min_days"), observed.max().alias("max_days"),
        **{f"p{round(share * 100)}": quantile(share) for share in (0.10, 0.25, 0.50, 0.75, 0.90)},
        # A product of fractions that is one half may be slightly above it by rounding.
        km_median_days=days.filter(survival <= 0.5 + 1e-12).min(),
        **{f"km_within_{limit}": within(limit) for limit in (30, 60, 90, 180, 365)},
    )
    count, total = pl.col("repurchased").cast(pl.Float64), pl.col("day_sum").cast(pl.Float64)
    variance = (pl.col("square_sum") - total * total / count) / (count - 1)
    return sums.join(by_order(stages), on=curve).select(
        *curve, "customers", "repurchased", ratio("repurchased", "customers").alias("repurchase_rate"),
        "customers_by_order", "repurchased_by_order",
        ratio("repurchased_by_order", "customers_by_order").alias("repurchase_rate_by_order"),
        ratio("day_sum", "repurchased").alias("mean_days"), pl.when(count > 1).then(variance.sqrt()).alias("std_days"),
        "min_days", "p10", "p25", "p50", "p75", "p90", "max_days", "km_median_days", "^km_within_.*$",
    )


def by_order(stages: Stages) -> pl.DataFrame:
    """Who has at least n orders, and who has more; for nth = 0 all orders, and those that are not the last one of a customer."""
    orders, number = pl.col("orders"), pl.col("number")
    by_channel = (
        customers(stages)
        .group_by(
            "shop_id", pl.lit("first_channel").alias("dimension"), pl.col("first_channel").fill_null("(none)").alias("dimension_value"),
            "orders",
        )
        .agg(pl.len().cast(pl.Int64).alias("number"))
    )
    everybody = by_channel.with_columns(dimension=pl.lit("all"), dimension_value=pl.lit("all"))
    counted = pl.concat([by_channel, everybody])
    group = CURVE[:-1]
    nths = pl.DataFrame({"nth": range(1, 11)}, schema={"nth": pl.Int64})
    reached = counted.join(nths, how="cross").filter(orders >= pl.col("nth")).group_by(CURVE).agg(
        number.sum().alias("customers_by_order"), number.filter(orders > pl.col("nth")).sum().alias("repurchased_by_order")
    )
    together = counted.group_by(*group, pl.lit(0, pl.Int64).alias("nth")).agg(
        (orders * number).sum().alias("customers_by_order"), ((orders - 1) * number).sum().alias("repurchased_by_order")
    )
    return pl.concat([reached, together])


def repurchase_survival(stages: Stages) -> pl.DataFrame:
    survival = pl.col("survival")
    is_inside = (survival > 0) & (survival < 1)
    centre = (-survival.log()).log()
    reach = 1.959963984540054 * pl.col("greenwood").sqrt() / survival.log().abs()
    return stages.survival.select(
        *CURVE, "days", "at_risk", "events", "censored", "survival",
        std_error=pl.when(survival > 0).then(survival * pl.col("greenwood").sqrt()),
        ci_low=pl.when(is_inside).then((-(centre + reach).exp()).exp()),
        ci_high=pl.when(is_inside).then((-(centre - reach).exp()).exp()),
    )


def amount_band() -> pl.Expr:
    """Bands of revenue: 1, 2 and 5 times a power of ten."""
    limits = [digit * 10**power for power in range(16) for digit in (1, 2, 5)]
    names = ["<1", *(f"{low}-{high}" for low, high in zip(limits, limits[1:])), f"{limits[-1]}+"]
    return pl.col("net_revenue").cast(pl.Float64).cut(limits, labels=names, left_closed=True).cast(pl.String)


def segment_value(stages: Stages) -> pl.DataFrame:
    orders = pl.col("orders")
    whole = customers(stages).with_columns(
        pl.col("first_channel", "province").fill_null("(none)"),
        amount_band().alias("amount_band"),
        pl.when(orders < 5).then(orders.cast(pl.String)).when(orders < 10).then(pl.lit("5-9")).otherwise(pl.lit("10+")).alias("order_count"),
    )
    span = (pl.col("last_purchase_date") - pl.col("first_purchase_date")).dt.total_days()
    summed = pl.concat(
        whole.group_by("shop_id", pl.lit(scheme).alias("scheme"), pl.col(scheme).alias("segment")).agg(
            pl.len().cast(pl.Int64).alias("customers"), pl.col("orders", "paid_amount", "net_revenue").sum(),
            pl.col("recency_days").mean().alias("mean_recency_days"),
            span.sum().alias("span"), (pl.col("purchase_days") - 1).sum().alias("intervals"),
            (pl.col("purchase_days") >= 2).mean().alias("repurchase_rate"),
        )
        for scheme in ("lifecycle", "rfm_segment", "value_tier", "first_channel", "province", "amount_band", "order_count")
    )
    scheme = ["shop_id", "scheme"]
    return summed.select(
        *scheme, "segment", "customers", ratio("customers", pl.col("customers").sum().over(scheme)).alias("customer_share"),
        "orders", pl.col("net_revenue").cast(MONEY), ratio("net_revenue", pl.col("net_revenue").sum().over(scheme)).alias("revenue_share"),
        ratio("paid_amount", "orders").alias("order_value"), ratio("net_revenue", "customers").alias("revenue_per_customer"),
        "mean_recency_days", ratio("span", "intervals").alias("mean_interval_days"), "repurchase_rate",
    )


TABLES = {
    "shop_daily": (shop_daily, ["shop_id", "date"]),
    "shop_periods": (shop_periods, ["shop_id", "grain", "period_start"]),
    "cohort_retention": (cohort_retention, ["shop_id", "dimension", "dimension_value", "grain", "cohort", "period"]),
    "repurchase_intervals": (repurchase_intervals, CURVE),
    "repurchase_survival": (repurchase_survival, [*CURVE, "days"]),
    "customers": (customers, CUSTOMER),
    "segment_value": (segment_value, ["shop_id", "scheme", "segment"]),
}
