-- Traffic and ratings: judged, settled, and traffic as one row per shop and day, and per shop, channel and day.
-- Makes traffic_rows, traffic, channel_traffic, traffic_days, rating_rows, ratings.

create temp table traffic_rows as
with reasoned as (
    select *,
        list_filter([
            case when shop_id is null or date is null then 'null_key' end,
            case when unparseable then 'unparseable_value' end,
            case when least(pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, favorites, cart_adds, new_visitors) < 0
                or cost < 0 then 'negative_amount' end
        ], lambda reason: reason is not null) as reasons
    from raw_traffic
)
select *,
    case
        when day(date) > as_of() then 'after_as_of'
        when len(reasons) > 0 then 'rejected'
        when row_number() over (
            partition by shop_id, day(date), channel, len(reasons) > 0 order by file desc, row desc) > 1 then 'superseded'
        else 'used'
    end as state
from reasoned;

-- The shop's figures of a day are those of the row without a channel. UV counts people and is never a sum over channels.
-- A row that says anything of the shop counts, page views of the day do not then.
create temp table traffic as
with said as (
    select shop_id, day(date) as date, pv, uv, ipv, ipv_uv, visits, bounces, favorites, cart_adds, dwell_seconds, 'traffic' as source
    from traffic_rows
    where state = 'used' and channel is null
        and coalesce(pv, uv, ipv, ipv_uv, visits, bounces, favorites, cart_adds, dwell_seconds) is not null
)
from said
union all by name
select shop_id, date, pv, uv, ipv, ipv_uv, visits, bounces, dwell_seconds, 'page_views' as source
from viewed_days anti join said using (shop_id, date);

-- The same of the channels of a day.
create temp table channel_traffic as
with said as (
    select shop_id, channel, day(date) as date, pv, uv, visits, bounces, cart_adds, new_visitors, cost, 'traffic' as source
    from traffic_rows
    where state = 'used' and channel is not null
)
from said
union all by name
select *, 'page_views' as source from viewed_channels anti join said using (shop_id, date);

-- The days of which either of them says something.
create temp table traffic_days as
select shop_id, day(date) as date from traffic_rows where state = 'used'
union
select shop_id, date from views;

create temp table rating_rows as
with reasoned as (
    select *,
        list_filter([
            case when shop_id is null or rated_at is null then 'null_key' end,
            case when unparseable then 'unparseable_value' end,
            case when least(description, service, delivery, logistics) < 1 or greatest(description, service, delivery, logistics) > 5
                then 'score_out_of_range' end
        ], lambda reason: reason is not null) as reasons
    from raw_ratings
)
select *,
    case when day(rated_at) > as_of() then 'after_as_of' when len(reasons) > 0 then 'rejected' else 'used' end as state
from reasoned;

create temp table ratings as
select shop_id, customer_id, rated_at, description, service, delivery, logistics,
    row_number() over (partition by shop_id, customer_id, date_trunc('month', rated_at) order by rated_at, file, row) as nth_of_month
from rating_rows
where state = 'used';
