-- Every shop of any input, what the shops input says of it, and how far its data reach.
create table oracle.shops as
with named as (
    -- Rows that are wrong by themselves name no shop; those that are wrong only beside others do.
    select input, file, row from row_states
    where state in ('used', 'superseded')
        or (state = 'rejected' and reasons in (['customer_conflict'], ['refund_exceeds_paid']))
),
-- Without a day: what is of a month, a period or no time at all.
events as (
    select 'orders' as input, shop_id, file, row, greatest(day(created_at), day(known(paid_at))) as date from raw_orders
    union all
    select 'refunds', shop_id, file, row, greatest(day(created_at), case when status = 'success' then day(known(completed_at)) end) from raw_refunds
    union all
    select 'ratings', shop_id, file, row, day(rated_at) from raw_ratings
    union all
    select 'traffic', shop_id, file, row, day("date") from raw_traffic
    union all
    select 'complaints', shop_id, file, row, day("date") from raw_complaints
    union all
    select 'item_traffic', shop_id, file, row, day("date") from raw_item_traffic
    union all
    select 'violations', shop_id, file, row, day(occurred_at) from raw_violations
    union all
    select 'keyword_traffic', shop_id, file, row, day("date") from raw_keyword_traffic
    union all
    select 'do_not_contact', shop_id, file, row, null from raw_do_not_contact where shop_id is not null
    union all
    select 'events', shop_id, file, row, null from raw_events where shop_id is not null
    union all
    select 'shops', shop_id, file, row, null from raw_shops
    union all
    select 'service_scores', shop_id, file, row, null from raw_service_scores
    union all
    select 'listings', shop_id, file, row, null from raw_listings
    union all
    select 'shop_metrics', shop_id, file, row, null from raw_shop_metrics
    union all
    select 'plans', shop_id, file, row, null from raw_plans
    union all
    select 'ad_plans', shop_id, file, row, null from raw_ad_plans
    union all
    select 'campaigns', shop_id, file, row, null from raw_campaigns
),
reached as (
    select shop_id, max(date) as last_day, max(date) filter (where input = 'orders') as orders_last_day
    from events join named using (input, file, row)
    group by all
),
stated as (
    select shop_id, nullif(name, '') as name, nullif(category, '') as category, nullif(shop_group, '') as shop_group, day(opened_at) as opened_on
    from shop_rows where state = 'used'
)
select shop_id, name, category, shop_group, opened_on, first_day, last_day, orders_last_day, date_diff('day', orders_last_day, as_of()) as orders_days_behind
from reached left join stated using (shop_id) left join shop_starts using (shop_id);
