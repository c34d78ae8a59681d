-- Page views: judged, cut into visits, and counted by day and by channel as traffic is.
-- Makes view_rows, views, visits, viewed_days, viewed_channels.

create temp table view_rows as
with reasoned as (
    select *,
        list_filter([
            case when shop_id is null or visitor_id is null or viewed_at is null then 'null_key' end,
            case when unparseable then 'unparseable_value' end,
            case when dwell_seconds < 0 then 'negative_amount' end
        ], lambda reason: reason is not null) as reasons
    from raw_page_views
)
select *, case when day(viewed_at) > as_of() then 'after_as_of' when len(reasons) > 0 then 'rejected' else 'used' end as state
from reasoned;

-- The views of a visitor in their order; `before` is the time of the one before.
create temp table views as
select shop_id, visitor_id, viewed_at, day(viewed_at) as date, item_id, channel, dwell_seconds, customer_id,
    lag(viewed_at) over of_visitor as before, row_number() over of_visitor as nth
from view_rows where state = 'used'
window of_visitor as (partition by shop_id, visitor_id order by viewed_at, channel nulls first);

-- A view half an hour after the one before begins a visit, which is one of the day and the channel of its first view.
create temp table visits as
with numbered as (
    select *, count(*) filter (before is null or viewed_at >= before + interval 30 minute)
        over (partition by shop_id, visitor_id order by nth) as visit
    from views
)
select shop_id, visitor_id, visit, first(date order by nth) as date, first(channel order by nth) as channel, count(*) as pages
from numbered group by shop_id, visitor_id, visit;

create temp table viewed_days as
with seen as (
    select shop_id, date, count(*) as pv, count(distinct visitor_id) as uv, count(item_id) as ipv,
        count(distinct visitor_id) filter (item_id is not null) as ipv_uv, whole(sum(dwell_seconds)) as dwell_seconds,
        count(distinct customer_id) as customers
    from views group by all
),
begun as (select shop_id, date, count(*) as visits, count(*) filter (pages = 1) as bounces from visits group by all)
select shop_id, date, pv, uv,
    case when getvariable('has_view_items') then ipv end as ipv, case when getvariable('has_view_items') then ipv_uv end as ipv_uv,
    coalesce(visits, 0) as visits, coalesce(bounces, 0) as bounces, dwell_seconds, customers
from seen left join begun using (shop_id, date);

-- Whose first view of all is of the day is new, once the shop has been watched for as long as `history_warmup`.
create temp table viewed_channels as
with seen as (
    select shop_id, channel, date, count(*) as pv, count(distinct visitor_id) as uv, count(*) filter (nth = 1) as new_visitors
    from views where channel is not null group by all
),
begun as (select shop_id, channel, date, count(*) as visits, count(*) filter (pages = 1) as bounces from visits group by all),
starts as (select shop_id, min(date) as first_view from views group by all)
select shop_id, channel, date, pv, uv, coalesce(visits, 0) as visits, coalesce(bounces, 0) as bounces,
    case when date >= first_view + getvariable('history_warmup') then new_visitors end as new_visitors
from seen join starts using (shop_id) left join begun using (shop_id, channel, date);
