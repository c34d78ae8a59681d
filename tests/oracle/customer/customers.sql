-- One row per customer with at least one purchase: totals, intervals, lifecycle, RFM, value tier, and what the used model expects.
create macro lifecycle_stage(purchase_days, recency, last_interval, active_days, quiet_days, dormant_days) as
    case
        when recency <= active_days and purchase_days = 1 then 'new'
        when recency <= active_days and last_interval > dormant_days then 'reactivated'
        when recency <= active_days then 'active'
        when recency <= quiet_days then 'quiet'
        when recency <= dormant_days then 'dormant'
        else 'churned'
    end;

-- The place of the highest member level that either of its limits reaches, from 1 on; 0 below the first.
create macro reached_level(revenue, purchases) as coalesce(list_max(list_transform(getvariable('member_levels'), lambda level, place:
    case when coalesce(revenue >= level.min_amount, false) or coalesce(purchases >= level.min_orders, false) then place end)), 0);
create macro level_name(place) as getvariable('member_levels')[place].name;

-- The place of a band, which begins with its lower limit, and its name.
create macro amount_place(amount) as 1 + len(list_filter(getvariable('amount_limits'), lambda edge: edge <= amount));
create macro in_units(amount) as case when amount = trunc(amount) then cast(cast(amount as bigint) as varchar) else cast(amount as varchar) end;
create macro amount_name(place) as case
    when place = 1 then '<' || in_units(getvariable('amount_limits')[1])
    when place > len(getvariable('amount_limits')) then in_units(getvariable('amount_limits')[place - 1]) || '+'
    else in_units(getvariable('amount_limits')[place - 1]) || '-' || in_units(getvariable('amount_limits')[place]) end;

create macro count_place(purchases) as case when purchases < 5 then purchases when purchases < 10 then 5 else 6 end;
create macro count_name(place) as ['1', '2', '3', '4', '5-9', '10+'][place];

-- Lifecycle stage, scores, RFM segment and value tier of customers who stand in a table with these figures.
create macro marked_customers(measured) as table
with scored as (
    -- rank() - 1 is the number of customers of the shop that are strictly worse.
    select *,
        count(*) over shop as n,
        case
            when getvariable('recency') = 'quantile'
                then 1 + (5 * (rank() over (partition by shop_id order by recency_days desc) - 1)) // count(*) over shop
            when recency_days <= getvariable('active_days') / 2.0 then 5
            when recency_days <= getvariable('active_days') then 4
            when recency_days <= getvariable('quiet_days') then 3
            when recency_days <= getvariable('dormant_days') then 2
            else 1
        end as r_score,
        1 + (5 * (rank() over (partition by shop_id order by purchase_days) - 1)) // count(*) over shop as f_score,
        1 + (5 * (rank() over (partition by shop_id order by net_revenue) - 1)) // count(*) over shop as m_score,
        coalesce(sum(net_revenue) over (
            partition by shop_id order by net_revenue desc, customer_id rows between unbounded preceding and 1 preceding), 0) as revenue_before,
        sum(net_revenue) over shop as shop_revenue
    from query_table(measured)
    window shop as (partition by shop_id)
),
marked as (
    select *,
        case when getvariable('recency') = 'quantile' then r_score * n >= sum(r_score) over shop else r_score >= 3 end as r_high,
        f_score * n >= sum(f_score) over shop as f_high,
        m_score * n >= sum(m_score) over shop as m_high
    from scored
    window shop as (partition by shop_id)
)
select *,
    lifecycle_stage(purchase_days, recency_days, last_interval_days,
        getvariable('active_days'), getvariable('quiet_days'), getvariable('dormant_days')) as lifecycle,
    case
        when r_high and f_high and m_high then 'champion'
        when r_high and not f_high and m_high then 'promising'
        when not r_high and f_high and m_high then 'must_keep'
        when not r_high and not f_high and m_high then 'win_back'
        when r_high and f_high then 'regular'
        when r_high then 'recent'
        when f_high then 'fading'
        else 'lost'
    end as rfm_segment,
    case
        when shop_revenue <= 0 then 'C'
        when revenue_before * 100 < shop_revenue * 80 then 'A'
        when revenue_before * 100 < shop_revenue * 95 then 'B'
        else 'C'
    end as value_tier
from marked;

create temp table measured_customers as
with closed as (
    select shop_id, customer_id,
        median(days) as median_interval_days,
        arg_max(days, nth) as last_interval_days
    from intervals where is_closed group by all
)
select b.*,
    ratio(paid_amount, orders) as order_value,
    as_of() - last_purchase_date as recency_days,
    as_of() - first_purchase_date as age_days,
    ratio(last_purchase_date - first_purchase_date, purchase_days - 1) as mean_interval_days,
    median_interval_days,
    last_interval_days,
    period_start('month', first_purchase_date) as cohort_month
from buyers b left join closed using (shop_id, customer_id);

create table oracle.customers as
with first_orders as (
    select shop_id, customer_id, order_id, paid_amount as first_order_amount
    from purchases where customer_id is not null
    qualify row_number() over (partition by shop_id, customer_id order by paid_at, order_id) = 1
),
first_items as (
    select shop_id, order_id, arg_min({'item_id': item_id}, line_id).item_id as first_item_id from lines group by shop_id, order_id
),
others as (
    select person as customer_id, count(*) as linked_ids, list(cast(id as varchar) order by id) as ids
    from people where person <> id group by all
),
second_days as (select shop_id, customer_id, "date" as second_purchase_date from purchase_days where nth = 2)
select shop_id, customer_id, first_purchase_date, last_purchase_date, second_purchase_date, purchase_days, orders, quantity,
    paid_amount, refund_amount, net_revenue, order_value, recency_days, age_days,
    mean_interval_days, median_interval_days, last_interval_days, cohort_month,
    first_channel, first_category, first_item_id, first_order_amount, province, lifecycle, r_score, f_score, m_score, rfm_segment, value_tier,
    level_name(reached_level(net_revenue, orders)) as member_level,
    money(getvariable('member_levels')[reached_level(net_revenue, orders) + 1].min_amount - net_revenue) as next_level_amount,
    case when (select count(*) from people) > 0 then coalesce(linked_ids, 0) end as linked_ids,
    array_to_string(ids[:10], ' ') || case when linked_ids > 10 then ' +' || (linked_ids - 10) else '' end as linked_id_list,
    p_alive, expected_purchases, cast(round_even(cast(expected_purchases * day_value as decimal(38, 9)), 2) as decimal(18, 2)) as expected_value
from marked_customers('measured_customers')
join first_orders using (shop_id, customer_id)
join first_items using (shop_id, order_id)
left join second_days using (shop_id, customer_id)
left join others using (customer_id)
left join forecasts using (shop_id, customer_id);
