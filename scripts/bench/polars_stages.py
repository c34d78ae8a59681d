"""The shared stages of the Polars suite: settled orders, purchases in time order per customer, sums per shop and day."""

import datetime
import pathlib
from collections.abc import Callable

import polars as pl

CUSTOMER = ["shop_id", "customer_id"]
CURVE = ["shop_id", "dimension", "dimension_value", "nth"]
ORDER = ["shop_id", "order_id"]
LINE = ["shop_id", "order_id", "line_id"]
MONEY = pl.Decimal(18, 2)
GRAINS = {"week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}
STATUSES = [
    "TRADE_NO_CREATE_PAY", "WAIT_BUYER_PAY", "PAY_PENDING", "WAIT_PRE_AUTH_CONFIRM", "PAID_FORBID_CONSIGN", "WAIT_SELLER_SEND_GOODS",
    "SELLER_CONSIGNED_PART", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_BUYER_SIGNED", "TRADE_FINISHED", "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO",
]
TRAFFIC = ["pv", "uv", "ipv", "ipv_uv", "visits", "bounces", "favorites", "cart_adds", "dwell_seconds"]


def or_null(condition: pl.Expr) -> pl.Expr:
    """Holds also where a value is missing."""
    return condition.fill_null(True)


def same_as_before(keys: list[str]) -> pl.Expr:
    """In rows that are sorted by the keys: whether the previous row is of the same customer."""
    return pl.all_horizontal(pl.col(key) == pl.col(key).shift() for key in keys).fill_null(False)


def start(grain: str, column: str = "date") -> pl.Expr:
    """The first day of the period of a day."""
    return pl.col(column) if grain == "day" else pl.col(column).dt.truncate(GRAINS[grain])


def arrivals(name: str) -> list[pl.Expr]:
    """Distinct customers of days and periods, as sums: customers of an earlier day of the period are not counted again."""
    previous = pl.col("previous_day")
    return [
        (previous.is_null() | (previous < start(grain))).sum().cast(pl.Int64).alias(f"{name}_of_{grain}") for grain in ["day", *GRAINS]
    ]


class Stages:
    """The stages from which all tables are made, each made once."""

    def __init__(self, data: pathlib.Path, as_of: datetime.date, passed: Callable[[str], None]) -> None:
        self.data, self.as_of = data, as_of
        self.end = datetime.datetime.combine(as_of + datetime.timedelta(days=1), datetime.time())
        sums = self.order_sums()
        passed("orders")
        self.refunds = self.settled_refunds(sums)
        self.orders = self.returned_orders(sums)
        del sums, self.lines
        passed("refunds")
        self.traffic_rows = self.all_traffic()
        self.traffic = self.traffic_rows.filter(pl.col("channel").is_null()).drop("channel")
        self.placed_days = self.placed()
        self.paid_days = self.paid()
        self.purchases = self.bought()
        self.shop_days = self.calendar()
        del self.orders
        self.bought_days = self.purchases_by_day()
        self.returned_days = (
            self.refunds.filter(pl.col("completed_at").is_not_null())
            .group_by("shop_id", date=pl.col("completed_at").dt.date())
            .agg(pl.len().cast(pl.Int64).alias("refunds"), pl.col("amount").sum().alias("refund_amount"))
        )
        passed("days")
        self.purchase_days = self.days_of_purchases()
        self.waits = self.waiting_times()
        self.survival = self.survival_curves()
        passed("intervals")
        self.customers = None

    def scan(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.data / name / "**" / "*.parquet", hive_partitioning=True)

    def known(self, name: str) -> pl.Expr:
        """The time, or null if it is after the as-of date."""
        return pl.when(pl.col(name) < self.end).then(pl.col(name)).alias(name)

    def versions(self) -> pl.Expr:
        """Rows up to the as-of date."""
        return (pl.col("created_at") < self.end) & or_null(pl.col("modified_at") < self.end)

    def order_sums(self) -> pl.DataFrame:
        """The latest version of each line, summed to orders."""
        lines = (
            self.scan("orders")
            .filter(
                self.versions(),
                pl.col("shop_id", "order_id", "customer_id").is_not_null(),
                or_null(pl.col("paid_amount") >= 0),
                pl.col("paid_amount").is_not_null() | or_null(pl.col("paid_at") >= self.end),
                or_null(pl.col("order_amount") >= 0),
                or_null(pl.col("quantity") >= 0),
                or_null(pl.col("paid_at") >= pl.col("created_at")),
                or_null(pl.col("status").is_in(STATUSES)),
            )
            .select(
                *LINE, "customer_id", "created_at", self.known("paid_at"), self.known("shipped_at"), self.known("completed_at"),
                (pl.col("status") == "TRADE_CLOSED").fill_null(False).alias("is_closed"),
                pl.coalesce("order_amount", "paid_amount", pl.lit(0, MONEY)).alias("order_amount"),
                pl.col("paid_amount").fill_null(0), pl.col("quantity").fill_null(1).cast(pl.Int64),
                "category_id", "channel", "province", "modified_at",
            )
        )
        # Few lines have more than one version, so looking those up is cheaper than sorting all lines.
        latest = lines.group_by(LINE).agg(pl.col("modified_at").max().alias("latest"), pl.len().alias("count")).filter(pl.col("count") > 1)
        self.lines = lines.join(latest.drop("count"), on=LINE, how="left").filter(or_null(pl.col("modified_at") == pl.col("latest")))
        is_paid = pl.col("paid_at").is_not_null()
        head = ["channel", "province", "category_id"]
        return (
            self.lines.with_columns(
                # The money is the shop's when all paid lines are completed but those that the platform closed, which were refunded in full.
                pl.when(is_paid & ~pl.col("is_closed")).then("completed_at").alias("completed_at"),
                (is_paid & ~pl.col("is_closed") & pl.col("completed_at").is_null()).alias("is_open"),
                pl.when(is_paid).then("is_closed").alias("is_closed"),
                pl.when(is_paid).then("paid_amount").otherwise(0).alias("paid_amount"),
                pl.when(is_paid & pl.col("is_closed")).then("paid_amount").otherwise(0).alias("closed_amount"),
            )
            .group_by(ORDER)
            .agg(
                pl.col("customer_id").min(), pl.col("customer_id").max().alias("other_customer"),
                *(pl.col(name).min_by("line_id") for name in head),
                pl.col("created_at", "paid_at", "shipped_at").min(), pl.col("completed_at").max(),
                # Null where no line is paid.
                pl.col("is_open").any(), pl.col("is_closed").drop_nulls().min(),
                pl.col("order_amount").sum().alias("placed_amount"), pl.col("paid_amount", "closed_amount", "quantity").sum(),
            )
            # Orders whose lines have several customers are left out.
            .filter(pl.col("customer_id") == pl.col("other_customer"))
            .with_columns(pl.when(~pl.col("is_open")).then("completed_at").alias("completed_at"), pl.col("closed_amount").cast(MONEY))
            .drop("other_customer", "is_open")
            .collect(engine="streaming")
        )

    def settled_refunds(self, sums: pl.DataFrame) -> pl.DataFrame:
        """The latest version of each refund application; refunds above the amount paid are ignored."""
        is_success = pl.col("status") == "success"
        settled = (
            self.scan("refunds")
            .filter(
                self.versions(),
                pl.col("shop_id", "refund_id", "order_id").is_not_null(),
                pl.col("status").is_in(["success", "closed", "open"]),
                or_null(pl.col("amount") >= 0),
                ~is_success | (pl.col("amount").is_not_null() & pl.col("completed_at").is_not_null()),
            )
            .sort("modified_at", nulls_last=False)
            .unique(["shop_id", "refund_id"], keep="last", maintain_order=True)
            .with_columns(pl.when(is_success & (pl.col("completed_at") < self.end)).then("completed_at").alias("completed_at"))
            .select(*ORDER, "refund_id", "line_id", "created_at", "completed_at", "amount")
            .collect()
        )
        completed = settled.filter(pl.col("completed_at").is_not_null())
        overdrawn = (
            completed.join(sums.select(*ORDER, "paid_amount"), on=ORDER)
            .filter(pl.col("amount").sum().over(ORDER) > pl.col("paid_amount"))
            .sort(*ORDER, "completed_at", "refund_id")
        )
        # Only bad data have any, so Python processes them one by one.
        excessive, counted, current = [], 0, None
        for row in overdrawn.iter_rows(named=True):
            order = (row["shop_id"], row["order_id"])
            if order != current:
                counted, current = 0, order
            if counted + row["amount"] > row["paid_amount"]:
                excessive.append({"shop_id": row["shop_id"], "refund_id": row["refund_id"]})
            else:
                counted += row["amount"]
        gone = pl.DataFrame(excessive, schema={name: settled.schema[name] for name in ["shop_id", "refund_id"]})
        return settled.join(gone, on=["shop_id", "refund_id"], how="anti")

    def by_line(self, completed: pl.DataFrame) -> pl.DataFrame:
        """Orders of which refunds name lines, few: what these took, and what they change. Reads the lines of these orders once more."""
        named = (
            completed.filter(pl.col("line_id").is_not_null())
            .group_by(LINE)
            .agg(pl.col("amount").sum().alias("named"), pl.len().alias("named_refunds"), pl.col("completed_at").max().dt.date().alias("last_day"))
        )
        is_paid, is_closed, ended = pl.col("paid_at").is_not_null(), pl.col("is_closed"), pl.col("completed_at")
        # A line that was sent back before it was completed is not waited for.
        is_back = (pl.col("named") >= pl.col("paid_amount")) & (ended.is_null() | (pl.col("last_day") <= ended.dt.date()))
        return (
            self.lines.join(named.lazy().select(ORDER).unique(), on=ORDER, how="semi")
            .join(named.lazy(), on=LINE, how="left")
            .with_columns(
                is_awaited=is_paid & ~is_closed & ~is_back.fill_null(False),
                went_back=pl.when(is_paid).then(is_closed | pl.col("named").is_not_null()),
                closed_beyond=pl.max_horizontal(
                    pl.when(is_paid & is_closed).then("paid_amount").otherwise(0) - pl.col("named").fill_null(0), pl.lit(0, MONEY)),
            )
            .group_by(ORDER)
            .agg(
                pl.col("named", "named_refunds", "closed_beyond").sum(),
                pl.col("went_back").drop_nulls().min().fill_null(True).alias("are_lines_back"),
                (pl.col("is_awaited") & ended.is_null()).any().alias("is_open"),
                ended.filter("is_awaited").max().alias("line_completed_at"),
            )
            .collect(engine="streaming")
        )

    def returned_orders(self, sums: pl.DataFrame) -> pl.DataFrame:
        completed = self.refunds.filter(pl.col("completed_at").is_not_null())
        returned = completed.group_by(ORDER).agg(
            pl.col("amount").sum().alias("returned"), pl.len().alias("refunds"), pl.col("completed_at").max().dt.date().alias("last_day")
        )
        named, beyond = pl.col("named").fill_null(0), pl.col("closed_beyond").fill_null(pl.col("closed_amount"))
        # A paid line that the platform closed was refunded in full, whatever the refunds say. Refunds that name no line may be those of
        # closed lines, or of others.
        refunded = pl.min_horizontal("paid_amount", named + pl.max_horizontal(pl.col("returned").fill_null(0) - named, beyond))
        # An order of 0 is refunded by its refunds.
        is_zero_refunded = (
            (pl.col("paid_amount") == 0) & pl.col("refunds").is_not_null()
            & ((pl.col("refunds") > pl.col("named_refunds").fill_null(0)) | pl.coalesce("are_lines_back", "is_closed", pl.lit(True)))
        )
        return (
            sums.join(returned, on=ORDER, how="left")
            .join(self.by_line(completed), on=ORDER, how="left")
            .with_columns(
                pl.when(pl.col("paid_at").is_not_null()).then(refunded).otherwise(0).cast(MONEY).alias("refunded"),
                pl.when(pl.col("is_open").is_null()).then("completed_at").when(~pl.col("is_open")).then("line_completed_at").alias("completed_at"),
            )
            .with_columns(
                went_back=pl.col("is_closed").fill_null(False) | is_zero_refunded
                | ((pl.col("refunded") > 0) & (pl.col("refunded") >= pl.col("paid_amount"))),
            )
            .select(
                *ORDER, "customer_id", "channel", "province", "category_id", "created_at", "paid_at", "shipped_at", "placed_amount", "paid_amount",
                "quantity", "refunded", "went_back",
                pl.col("created_at").dt.date().alias("created_day"),
                pl.col("paid_at").dt.date().alias("paid_day"),
            )
        )

    def placed(self) -> pl.DataFrame:
        return (
            self.orders.select(*CUSTOMER, "placed_amount", "paid_at", date="created_day")
            .sort(*CUSTOMER, "date")
            .with_columns(pl.when(same_as_before(CUSTOMER)).then(pl.col("date").shift()).alias("previous_day"))
            .group_by("shop_id", "date")
            .agg(
                pl.len().cast(pl.Int64).alias("placed_orders"), pl.col("placed_amount").sum(),
                pl.col("paid_at").count().cast(pl.Int64).alias("placed_and_paid"), *arrivals("placed_customers"),
            )
        )

    def paid(self) -> pl.DataFrame:
        return (
            self.orders.filter(pl.col("paid_at").is_not_null())
            .select(*CUSTOMER, "paid_amount", "quantity", date="paid_day")
            .sort(*CUSTOMER, "date")
            .with_columns(pl.when(same_as_before(CUSTOMER)).then(pl.col("date").shift()).alias("previous_day"))
            .group_by("shop_id", "date")
            .agg(
                pl.len().cast(pl.Int64).alias("paid_orders"), pl.col("paid_amount").sum(), pl.col("quantity").sum().alias("paid_quantity"),
                *arrivals("paying_customers"),
            )
        )

    def bought(self) -> pl.DataFrame:
        """The purchases of each customer in time order, with the days of the purchases beside each."""
        is_same = same_as_before(CUSTOMER)
        return (
            self.orders.filter(pl.col("paid_at").is_not_null(), ~pl.col("went_back"))
            .select(
                *CUSTOMER, "order_id", "paid_at", "quantity", "paid_amount", "refunded", "channel", "province", "category_id", date="paid_day"
            )
            .sort(*CUSTOMER, "paid_at", "order_id")
            .drop("order_id", "paid_at")
            .with_columns(
                pl.when(is_same).then(pl.col("date").shift()).alias("previous_day"),
                (~is_same).alias("is_first"),
                (~is_same).shift(-1, fill_value=True).alias("is_last"),
            )
            .with_columns(
                pl.when("is_first").then("date").forward_fill().alias("first_day"),
                pl.when("is_first").then(pl.col("channel").fill_null("(none)")).forward_fill().alias("first_channel"),
            )
        )

    def purchases_by_day(self) -> pl.DataFrame:
        previous = pl.col("previous_day")
        return self.purchases.group_by("shop_id", "date").agg(
            pl.len().cast(pl.Int64).alias("purchases"),
            pl.col("is_first").sum().cast(pl.Int64).alias("new_customers"),
            *((previous < start(grain)).sum().cast(pl.Int64).alias(f"returning_customers_of_{grain}") for grain in ["day", *GRAINS]),
        )

    def all_traffic(self) -> pl.DataFrame:
        return (
            self.scan("traffic")
            .filter(pl.col("shop_id").is_not_null(), pl.col("date") <= self.as_of, or_null(pl.min_horizontal(TRAFFIC) >= 0))
            .select("shop_id", "date", "channel", *TRAFFIC)
            .collect(engine="streaming")
        )

    def calendar(self) -> pl.DataFrame:
        """A row for every day from the shop's first activity in any input."""
        scores = ["description", "service", "delivery", "logistics"]
        ratings = (
            self.scan("ratings")
            .filter(pl.col("shop_id").is_not_null(), pl.col("rated_at") < self.end)
            .filter(or_null(pl.min_horizontal(scores) >= 1), or_null(pl.max_horizontal(scores) <= 5))
            .group_by("shop_id")
            .agg(pl.col("rated_at").min().dt.date().alias("date"))
            .collect(engine="streaming")
        )
        starts = [self.placed_days.select("shop_id", "date"), self.traffic_rows.select("shop_id", "date"), ratings]
        starts.append(self.refunds.select("shop_id", date=pl.col("created_at").dt.date()))
        return (
            pl.concat(starts)
            .group_by("shop_id")
            .agg(pl.col("date").min().alias("first_day"))
            .with_columns(pl.date_ranges("first_day", self.as_of).alias("date"))
            .explode("date")
        )

    def days_of_purchases(self) -> pl.DataFrame:
        """One row per customer and purchase day, numbered, with the next one."""
        is_next = same_as_before(CUSTOMER).shift(-1, fill_value=False)
        return (
            self.purchases.filter(pl.col("previous_day").is_null() | (pl.col("previous_day") < pl.col("date")))
            .select(*CUSTOMER, "first_channel", "date", "previous_day")
            .with_columns(
                pl.when(is_next).then(pl.col("date").shift(-1)).alias("next_day"),
                pl.int_range(pl.len()).alias("place"),
            )
            .with_columns((pl.col("place") - pl.when(pl.col("previous_day").is_null()).then("place").forward_fill() + 1).alias("nth"))
            .drop("place")
        )

    def waiting_times(self) -> pl.DataFrame:
        """The number of intervals of each length after the nth purchase day, by first channel and of all; nth = 0 for all together."""
        by_channel = (
            self.purchase_days.group_by(
                "shop_id", pl.lit("first_channel").alias("dimension"), pl.col("first_channel").alias("dimension_value"), "nth",
                days=(pl.col("next_day").fill_null(self.as_of) - pl.col("date")).dt.total_days(),
            )
            .agg(pl.col("next_day").count().cast(pl.Int64).alias("events"), pl.col("next_day").null_count().cast(pl.Int64).alias("censored"))
        )
        counts = pl.col("events", "censored").sum()
        everybody = by_channel.group_by(
            "shop_id", pl.lit("all").alias("dimension"), pl.lit("all").alias("dimension_value"), "nth", "days"
        ).agg(counts)
        counted = pl.concat([by_channel, everybody])
        together = counted.group_by(*CURVE[:-1], pl.lit(0, pl.Int64).alias("nth"), "days").agg(counts)
        return pl.concat([together, counted.filter(pl.col("nth") <= 10)]).sort(*CURVE, "days")

    def survival_curves(self) -> pl.DataFrame:
        curve = CURVE
        events, at_risk = pl.col("events"), pl.col("at_risk")
        return self.waits.with_columns(
            (events + pl.col("censored")).cum_sum(reverse=True).over(curve).alias("at_risk"),
        ).with_columns(
            (1 - events / at_risk).cum_prod().over(curve).alias("survival"),
            pl.when(at_risk > events)
            .then(events / (at_risk.cast(pl.Float64) * (at_risk - events)))
            .otherwise(0)
            .cum_sum().over(curve).alias("greenwood"),
        )
