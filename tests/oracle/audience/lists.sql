-- reads: customers, repurchase_intervals, items, item_pairs
-- The list of one strategy. compare.py runs this file for each strategy of the job, in the job's order, and puts its name, condition, order and
-- limits in for the words in braces, and whether any strategy asks for what runs out (refills) and for what to offer (offers). Who is on a list
-- of this night is in `listed`, who met a condition and was left out in `left_out`.
-- Lists of earlier nights are not known here: the snapshot compared must be the first of its output folder. What was sent is known by `audiences`.
create macro if not exists end_of_day() as cast(as_of() + 1 as timestamp);
create macro if not exists hours_until_end(moment) as epoch_us(end_of_day() - moment) // 1000000 / 3600;
-- The length of a text in bytes as eight bytes, the least first, and then the text.
create macro if not exists framed(text) as
    printf('%02x%02x', octet_length(encode(text)) % 256, octet_length(encode(text)) // 256) || '000000000000' || hex(text);
-- The first 53 bits of SHA-256 as a number from 0 to below 1.
create macro if not exists lot(strategy, customer) as
    (cast('0x' || substr(sha256(unhex(framed(strategy) || framed(cast(customer as varchar)))), 1, 14) as bigint) >> 3) / 9007199254740992;

-- Customers with a purchase, and those of whom an order waits for its payment or its refund, with all that conditions can name.
create temp table if not exists candidates as
with heads as (select shop_id, order_id, arg_min({'id': item_id}, line_id).id as item from lines group by all),
closed as (
    select shop_id, order_id from lines group by all
    having bool_and(coalesce(fate in ('cancelled', 'refunded'), false) and paid_at is null)
),
waiting as (
    select shop_id, customer_id,
        count(*) as unpaid_orders,
        count(*) filter (where end_of_day() - created_at >= interval 1 hour and end_of_day() - created_at < interval 25 hour) as unpaid_last_day,
        money(sum(placed_amount)) as unpaid_amount,
        hours_until_end(max(created_at)) as unpaid_hours,
        arg_max({'id': item}, (created_at, order_id)).id as unpaid_item
    from orders anti join closed using (shop_id, order_id) join heads using (shop_id, order_id)
    where paid_at is null group by all
),
-- Neither paid out by the end of the day nor closed.
refunding as (
    select o.shop_id, o.customer_id, count(distinct order_id) as open_refunds
    from refunds r join orders o using (shop_id, order_id)
    where r.status <> 'closed' and r.completed_at is null group by all
),
bought as (
    select shop_id, customer_id,
        hours_until_end(max(o.paid_at)) as hours_since_order,
        arg_max({'id': item}, (o.paid_at, order_id)).id as last_item,
        count(*) filter (where shipped_at is not null and completed_at is null) as awaiting_orders,
        as_of() - min(day(shipped_at)) filter (where completed_at is null) as awaiting_days,
        as_of() - min(day(completed_at)) as days_since_first_completion
    from orders o join heads using (shop_id, order_id)
    where is_purchase group by all
),
-- What runs out: the last day on which each item was bought and kept, and as many days as its pieces last; of those since a week ago the first.
last_bought as (
    select shop_id, customer_id, item_id, max(paid_day) as day, arg_max(pieces, paid_day) as pieces
    from (select shop_id, customer_id, item_id, paid_day, sum(quantity) as pieces from item_lines where is_kept and customer_id is not null group by all)
    group by all
),
-- Both ways the pairs that are no chance, the best of each item first.
partners as (
    select shop_id, item_id, partner, row_number() over (
            partition by shop_id, item_id
            order by cast(orders_both * orders_both as hugeint) * 1000000000000000000000000::hugeint // (orders_a * orders_b) desc, item_a, item_b) as place
    from (
        select *, item_a as item_id, item_b as partner from oracle.item_pairs
        union all
        select *, item_b, item_a from oracle.item_pairs)
    where q_value <= 0.05 and orders_both * orders > orders_a * orders_b
),
offers as (
    select b.shop_id, b.customer_id, arg_min(partner, place) as last_item_pair
    from bought b
    join partners p on p.shop_id = b.shop_id and p.item_id = b.last_item
    where {offers} and not exists (
        select 1 from last_bought l
        where l.shop_id = b.shop_id and l.customer_id = b.customer_id and l.item_id = p.partner and l.day >= as_of() - 400)
    group by all
),
refills as (
    select l.shop_id, l.customer_id, l.item_id as refill_item, partner as refill_item_pair, cast(l.day + cast(round(days_per_unit * l.pieces) as integer) as date) as ran_out_on,
        whole(l.pieces) as refill_quantity
    from last_bought l join oracle.items using (shop_id, item_id)
    left join (select * from partners where place = 1) as p using (shop_id, item_id)
    left join last_bought r on r.shop_id = l.shop_id and r.customer_id = l.customer_id and r.item_id = partner
    where {refills} and days_per_unit is not null and l.day >= as_of() - 400 and round(days_per_unit * l.pieces) < 3650
        and l.day + cast(round(days_per_unit * l.pieces) as integer) >= as_of() - 7
        and coalesce(r.day <= l.day, true)
    qualify row_number() over (partition by l.shop_id, l.customer_id order by ran_out_on, l.item_id) = 1
),
completions as (
    select shop_id, quantile_cont(day(completed_at) - day(shipped_at), 0.9) as shop_completion_days_p90
    from orders where is_purchase and customer_id is not null and shipped_at is not null and completed_at is not null group by all
),
shops as (select shop_id, ratio(sum(paid_amount), count(*)) as shop_order_value from purchases where customer_id is not null group by all)
select c.*, i.* exclude (shop_id, customer_id),
    coalesce(unpaid_orders, 0) as unpaid_orders, coalesce(unpaid_last_day, 0) as unpaid_last_day,
    coalesce(unpaid_amount, money(0)) as unpaid_amount, unpaid_hours, unpaid_item,
    case when getvariable('has_shipped_at') and getvariable('has_completed_at') then coalesce(awaiting_orders, 0) end as awaiting_orders,
    case when getvariable('has_shipped_at') and getvariable('has_completed_at') then awaiting_days end as awaiting_days,
    days_since_first_completion, hours_since_order,
    case when getvariable('has_refunds') then coalesce(open_refunds, 0) end as open_refunds,
    last_item, last_item_pair, refill_item, ran_out_on, date_diff('day', as_of(), ran_out_on) as refill_days, refill_quantity, refill_item_pair,
    shop_completion_days_p90, p25, p50 as shop_first_interval_p50, p75 as shop_first_interval_p75, shop_order_value
from (
    select shop_id, customer_id from oracle.customers
    union select shop_id, customer_id from waiting
    union select shop_id, customer_id from refunding) as c
left join oracle.customers i using (shop_id, customer_id)
left join waiting using (shop_id, customer_id)
left join refunding using (shop_id, customer_id)
left join bought using (shop_id, customer_id)
left join offers using (shop_id, customer_id)
left join refills using (shop_id, customer_id)
left join completions using (shop_id)
left join shops using (shop_id)
left join (select shop_id, p25, p50, p75 from oracle.repurchase_intervals where dimension = 'all' and nth = 1) using (shop_id);

create temp table if not exists shop_names as select shop_id, nullif(name, '') as shop_name from shop_rows where state = 'used';

-- The last list that each customer was sent, or held out of: campaigns with the name of a strategy of the job, and those whose id is that of a list
-- of a strategy with another name. Of two lists of one day the first by name.
create temp table if not exists sent_lists as
select c.shop_id, a.customer_id, max(day(a.sent_at)) as sent_on, arg_min('audience_' || c.name, (as_of() - day(a.sent_at), c.name)) as list
from audience_rows a join campaign_rows c using (campaign_id)
where a.state = 'used' and c.state = 'used' and getvariable('cool_down') <> 'listed'
    and (list_contains({strategies}, c.name)
        or regexp_full_match(c.name, '[a-z0-9_]+') and starts_with(cast(campaign_id as varchar), c.name || '/')
            and regexp_full_match(substr(cast(campaign_id as varchar), length(c.name) + 2), '\d{4}-\d{2}-\d{2}(T[\d:]{5})?/.*')
            and try_cast(substr(cast(campaign_id as varchar), length(c.name) + 2, 10) as date) is not null)
group by all;

create temp table if not exists listed as select shop_id, customer_id, '' as list from candidates where false;
create temp table if not exists left_out as
select shop_id, customer_id, '' as strategy, '' as reason, '' as other_list, as_of() as other_date from candidates where false;

create temp table chosen as
with judged as (
    select c.*, coalesce(s.list, l.list) as other_list, coalesce(s.sent_on, as_of()) as other_date,
        case
            when exists (
                select 1 from unsubscribed_rows u
                where u.state = 'used' and u.customer_id = c.customer_id and (u.shop_id is null or u.shop_id = c.shop_id)
            ) then 'do_not_contact'
            when open_refunds > 0 then 'open_refund'
            when hours_since_order < {min_hours_since_order} then 'recent_order'
            when s.list is not null or l.list is not null then 'cool_down'
        end as reason
    from (select * from candidates where {where}) as c left join listed l using (shop_id, customer_id)
        left join sent_lists s on s.shop_id = c.shop_id and s.customer_id = c.customer_id and as_of() - s.sent_on < {cool_down_days}
),
ranked as (
    select *, row_number() over (partition by shop_id, reason is null order by {order_by}, customer_id) as rank from judged
)
select * exclude (reason), case when reason is null and rank > {max_size} then 'over_size' else reason end as reason from ranked;

insert into left_out
select shop_id, customer_id, '{strategy}', reason, case when reason = 'cool_down' then other_list end, case when reason = 'cool_down' then other_date end
from chosen where reason is not null;
insert into listed select shop_id, customer_id, 'audience_{strategy}' from chosen where reason is null;

create table oracle.audience_{strategy} as
select shop_id, customer_id, shop_name, rank,
    case when lot('{strategy}', customer_id) < {control_share} then 'control' else 'treated' end as arm,
    last_item, last_item_pair, last_purchase_date, recency_days, purchase_days, orders, paid_amount, net_revenue, order_value, lifecycle, rfm_segment, value_tier,
    unpaid_orders, unpaid_amount, unpaid_hours, unpaid_item, awaiting_orders, awaiting_days, days_since_first_completion,
    refill_item, ran_out_on, refill_quantity, refill_item_pair,
    '{strategy}' as strategy
from chosen left join shop_names using (shop_id) where reason is null;

drop table chosen;
