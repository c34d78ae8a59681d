-- Traffic and ratings: judged, settled, and traffic as one row per shop and day, and per shop, channel and day.
-- Makes traffic_rows, traffic, channel_traffic, rating_rows, ratings.

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
create temp table traffic as
select shop_id, day(date) as date, pv, uv, ipv, ipv_uv, visits, bounces, favorites, cart_adds, dwell_seconds
from traffic_rows
where state = 'used' and channel is null;

create temp table channel_traffic as
select shop_id, channel, day(date) as date, pv, uv, visits, bounces, cart_adds, new_visitors, cost
from traffic_rows
where state = 'used' and channel is not null;

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
