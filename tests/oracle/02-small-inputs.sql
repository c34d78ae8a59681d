-- The small inputs: which rows are after the as-of date, rejected, superseded, used.
-- Makes shop_rows, complaint_rows, service_score_rows, listing_rows, violation_rows, benchmark_rows, shop_metric_rows,
-- plan_rows, ad_plan_rows, campaign_rows, audience_rows, keyword_rows, unsubscribed_rows, event_rows, affiliate_order_rows, inquiry_rows.

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

create temp table item_traffic_rows as
with reasoned as (
    select *, day("date") > as_of() as is_after, given([
        case when shop_id is null or "date" is null or item_id is null then 'null_key' end,
        case when unparseable then 'unparseable_value' end,
        case when least(ipv, ipv_uv, favorites, cart_adds) < 0 then 'negative_amount' end]) as reasons
    from raw_item_traffic
)
select *, state(is_after, reasons,
    row_number() over (partition by shop_id, day("date"), item_id, len(reasons) > 0 order by file desc, row desc)) as state
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

-- Text of blanks only is none.
create temp table keyword_rows as
with reasoned as (
    select * exclude (channel), nullif(trim(channel), '') as channel, day("date") > as_of() as is_after, given([
        case when shop_id is null or "date" is null or coalesce(trim(keyword), '') = '' then 'null_key' end,
        case when unparseable then 'unparseable_value' end,
        case when least(impressions, clicks, uv, orders) < 0 or least(amount, cost) < 0 then 'negative_amount' end]) as reasons
    from raw_keyword_traffic
)
select *, state(is_after, reasons,
    row_number() over (partition by shop_id, day("date"), keyword, channel, len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

-- Who unsubscribed did so from the earliest row on, and always where it says no day; without a shop from all shops.
create temp table unsubscribed_rows as
with reasoned as (
    select *, day(since) > as_of() as is_after, given([
        case when customer_id is null then 'null_key' end,
        case when unparseable then 'unparseable_value' end]) as reasons
    from raw_do_not_contact
)
select *, state(is_after, reasons,
    row_number() over (partition by shop_id, customer_id, coalesce(is_after, false), len(reasons) > 0 order by since nulls first, file desc, row desc)) as state
from reasoned;

-- An event without a shop is one of all shops; one that is named twice on a day is one.
create temp table event_rows as
with reasoned as (
    select *, day("date") > as_of() as is_after, given([
        case when "date" is null or coalesce(trim(name), '') = '' then 'null_key' end,
        case when unparseable then 'unparseable_value' end]) as reasons
    from raw_events
)
select *, state(is_after, reasons,
    row_number() over (partition by shop_id, day("date"), trim(name), coalesce(is_after, false), len(reasons) > 0 order by file desc, row desc)) as state
from reasoned;

-- What a publisher earns by a line, or by an order. Of a line only one publisher may earn; a row without a line claims all of its order.
create temp table affiliate_order_rows as
with reasoned as (
    select * exclude (line_id), case when getvariable('has_line_id') then line_id end as line_id,
        coalesce(day(modified_at) > as_of() or day(coalesce(paid_at, clicked_at)) > as_of(), false) as is_after, given([
        case when shop_id is null or order_id is null or publisher_id is null or cast(publisher_id as varchar) = '(all)'
            or coalesce(estimated_commission, settled_commission) is null then 'null_key' end,
        case when unparseable then 'unparseable_value' end,
        case when least(estimated_commission, settled_commission, clawed_back) < 0 then 'negative_amount' end]) as reasons
    from raw_affiliate_orders
),
versions as (
    select *, row_number() over (partition by shop_id, order_id, line_id, publisher_id, is_after, len(reasons) > 0
        order by modified_at desc nulls last, file desc, row desc) as nth
    from reasoned
),
valid as (select * from versions where not is_after and len(reasons) = 0 and nth = 1),
claimed as (
    select distinct a.file, a.row from valid a join valid b using (shop_id, order_id)
    where a.publisher_id <> b.publisher_id and (a.line_id is null or b.line_id is null or a.line_id = b.line_id)
)
select v.* exclude (reasons), case when c.row is not null then ['publisher_conflict'] else v.reasons end as reasons,
    case when c.row is not null then 'rejected' else state(is_after, v.reasons, nth) end as state
from versions v left join claimed c using (file, row);

-- Every question counts.
create temp table inquiry_rows as
with reasoned as (
    select *, day(asked_at) > as_of() as is_after, given([
        case when shop_id is null or agent_id is null or customer_id is null or asked_at is null or cast(agent_id as varchar) = '(all)'
            then 'null_key' end,
        case when unparseable or response_seconds >= 4294967295 then 'unparseable_value' end,
        case when response_seconds < 0 then 'negative_amount' end]) as reasons
    from raw_inquiries
)
select *, state(is_after, reasons, 1) as state from reasoned;
