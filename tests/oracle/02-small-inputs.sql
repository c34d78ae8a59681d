-- The small inputs: which rows are after the as-of date, rejected, superseded, used.
-- Makes shop_rows, complaint_rows, service_score_rows, listing_rows, violation_rows, benchmark_rows, shop_metric_rows,
-- plan_rows, ad_plan_rows, campaign_rows, audience_rows.

create macro endless(number) as coalesce(not isfinite(number), false);
create macro given(reasons) as list_filter(reasons, lambda reason: reason is not null);
create macro state(is_after, reasons, nth) as case
    when coalesce(is_after, false) then 'after_as_of'
    when len(reasons) > 0 then 'rejected'
    when nth > 1 then 'superseded'
    else 'used' end;

create temp table shop_rows as
with reasoned as (
    select *, given([
        case when shop_id is null then 'null_key' end,
        case when unparseable then 'unparseable_value' end,
        case when annual_target < 0 then 'negative_amount' end]) as reasons
    from raw_shops
)
select *, state(false, reasons, row_number() over (partition by shop_id, len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

create temp table complaint_rows as
with reasoned as (
    select *, day("date") > as_of() as is_after, given([
        case when shop_id is null or "date" is null or "count" is null then 'null_key' end,
        case when unparseable then 'unparseable_value' end,
        case when "count" < 0 then 'negative_amount' end]) as reasons
    from raw_complaints
)
select *, state(is_after, reasons,
    row_number() over (partition by shop_id, day("date"), len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

-- A score is that of its month's last day; a month's listings are known when it begins.
create temp table service_score_rows as
with reasoned as (
    select *, last_day("month") > as_of() as is_after, given([
        case when shop_id is null or "month" is null or score is null then 'null_key' end,
        case when unparseable or endless(score) then 'unparseable_value' end,
        case when score < 0 then 'negative_amount' end]) as reasons
    from raw_service_scores
)
select *, state(is_after, reasons,
    row_number() over (partition by shop_id, last_day("month"), len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

create temp table listing_rows as
with reasoned as (
    select *, period_start('month', "month") > as_of() as is_after, given([
        case when shop_id is null or "month" is null then 'null_key' end,
        case when unparseable then 'unparseable_value' end,
        case when least(items_live, items_new) < 0 then 'negative_amount' end]) as reasons
    from raw_listings
)
select *, state(is_after, reasons,
    row_number() over (partition by shop_id, last_day("month"), len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

-- A violation has no key: every row is one.
create temp table violation_rows as
with reasoned as (
    select *, day(occurred_at) > as_of() as is_after, given([
        case when shop_id is null or occurred_at is null or kind is null or (points is null and kind <> 'red_line') then 'null_key' end,
        case when unparseable or endless(points) then 'unparseable_value' end,
        case when kind not in ('general', 'serious', 'red_line') then 'unknown_status' end,
        case when points < 0 then 'negative_amount' end]) as reasons
    from raw_violations
)
select *, state(is_after, reasons, 1) as state from reasoned;

create temp table benchmark_rows as
with reasoned as (
    select *, day(period_start) > as_of() as is_after, given([
        case when coalesce(category, '') = '' or period_start is null or coalesce(metric, '') = '' then 'null_key' end,
        case when unparseable or endless(mean) or endless(p10) or endless(p20) then 'unparseable_value' end]) as reasons
    from raw_benchmarks
)
select *, state(is_after, reasons,
    row_number() over (partition by category, metric, day(period_start), len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

create temp table shop_metric_rows as
with reasoned as (
    select *, day(period_start) > as_of() as is_after, given([
        case when shop_id is null or period_start is null or coalesce(metric, '') = '' or "value" is null then 'null_key' end,
        case when unparseable or endless("value") then 'unparseable_value' end]) as reasons
    from raw_shop_metrics
)
select *, state(is_after, reasons,
    row_number() over (partition by shop_id, metric, day(period_start), len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

-- Plans of months to come are known.
create temp table plan_rows as
with reasoned as (
    select *, given([
        case when shop_id is null or "month" is null then 'null_key' end,
        case when unparseable then 'unparseable_value' end,
        case when least(sales_target, ad_budget) < 0 or new_items < 0 then 'negative_amount' end]) as reasons
    from raw_plans
)
select *, state(false, reasons,
    row_number() over (partition by shop_id, last_day("month"), len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

create temp table ad_plan_rows as
with reasoned as (
    select *, given([
        case when shop_id is null or "month" is null or coalesce(channel, '') in ('', '(all)') or budget is null then 'null_key' end,
        case when unparseable then 'unparseable_value' end,
        case when budget < 0 then 'negative_amount' end]) as reasons
    from raw_ad_plans
)
select *, state(false, reasons,
    row_number() over (partition by shop_id, last_day("month"), channel, len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

create temp table campaign_rows as
with reasoned as (
    select *, day(starts_on) > as_of() as is_after, given([
        case when campaign_id is null or shop_id is null or starts_on is null or ends_on is null then 'null_key' end,
        case when unparseable then 'unparseable_value' end,
        case when day(ends_on) < day(starts_on) then 'ends_before_start' end,
        case when cost < 0 then 'negative_amount' end]) as reasons
    from raw_campaigns
)
select *, state(is_after, reasons,
    row_number() over (partition by campaign_id, is_after, len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

-- Of a customer in an audience the first message counts.
create temp table audience_rows as
with reasoned as (
    select *, day(sent_at) > as_of() as is_after, given([
        case when campaign_id is null or customer_id is null or arm is null or sent_at is null then 'null_key' end,
        case when unparseable then 'unparseable_value' end,
        case when arm not in ('treated', 'control') then 'unknown_status' end]) as reasons
    from raw_audiences
)
select *, state(is_after, reasons,
    row_number() over (partition by campaign_id, customer_id, is_after, len(reasons) > 0 order by sent_at, file desc, row desc)) as state
from reasoned;
