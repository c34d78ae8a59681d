-- What each plan and publisher brought in a month of payment, what became of the commissions, whom they won; the same of all other sales.
create table oracle.affiliate_plans as
with stated as (
    select shop_id, order_id, line_id, coalesce(plan, '(none)') as plan, cast(publisher_id as varchar) as publisher, file, row,
        day(known(settled_at)) as settled_day,
        coalesce(estimated_commission, 0) as estimated,
        -- With a settlement that is still to come, nothing was taken back yet.
        case when settled_at is not null and known(settled_at) is null then 0 else coalesce(clawed_back, 0) end as clawed_back,
        settled_commission
    from affiliate_order_rows where state = 'used'
),
raised as (
    select * exclude (settled_commission),
        case when settled_day is not null then coalesce(settled_commission, greatest(estimated - clawed_back, 0)) end as paid_out
    from stated
),
-- What was estimated is settled, clawed back or due.
bounded as (
    select * replace (greatest(estimated, coalesce(paid_out, 0)) as estimated, least(clawed_back, greatest(estimated, coalesce(paid_out, 0))) as clawed_back)
    from raised
),
commissions as (
    select shop_id, order_id, line_id, plan, publisher, file, row, settled_day, estimated,
        case when settled_day is null then 0 else least(paid_out, estimated - clawed_back) end as settled,
        case when settled_day is null then clawed_back else estimated - least(paid_out, estimated - clawed_back) end as clawed_back
    from bounded
),
-- What each line of a paid order has left: the refunds that name it or its status, and what no line carries in proportion.
kept as (
    select l.shop_id, l.order_id, l.line_id, o.paid_day,
        cast(100 * case when l.paid_at is null then 0 else l.paid_amount end as hugeint) as paid_fen,
        cast(100 * case when l.paid_at is null then 0 else greatest(l.paid_amount - greatest(r.named_amount,
            case when getvariable('has_refunds') then r.closed_amount else greatest(l.refund_amount, r.closed_amount) end), 0) end as hugeint) as left_fen,
        cast(100 * (o.paid_amount - o.refunded) as hugeint) as net_fen
    from lines l join line_refunds r using (shop_id, order_id, line_id) join orders o using (shop_id, order_id)
    where o.paid_day is not null
),
whole as (
    select *, cast(sum(left_fen) over (partition by shop_id, order_id) as hugeint) as all_left from kept
),
-- In proportion, rounded down, and the rest to the lines with the largest remainders.
running as (
    select *, case when all_left > 0 then left_fen * net_fen // all_left end as part,
        row_number() over (partition by shop_id, order_id order by case when all_left > 0 then left_fen * net_fen % all_left end desc, line_id) as nth
    from whole
),
brought as (
    select shop_id, order_id, line_id, paid_day, paid_fen,
        case when all_left = net_fen or all_left = 0 then left_fen
            else part + case when nth <= net_fen - sum(part) over (partition by shop_id, order_id) then 1 else 0 end end as line_net
    from running
),
-- A row has the line that it names; a row without a line has those that no other names.
claims as (
    select c.file, c.row, b.line_id from commissions c join brought b using (shop_id, order_id)
    where c.line_id = b.line_id
        or (c.line_id is null and not exists (
            from commissions o where o.shop_id = c.shop_id and o.order_id = c.order_id and o.line_id = b.line_id))
),
row_sums as (
    select c.*, o.paid_day,
        coalesce(sum(b.paid_fen), 0) as paid_fen, coalesce(sum(b.line_net), 0) as net_fen
    from commissions c
    join orders o using (shop_id, order_id)
    left join claims k using (file, row)
    left join brought b on b.shop_id = c.shop_id and b.order_id = c.order_id and b.line_id = k.line_id
    where o.paid_day is not null
        and (c.line_id is null or exists (from lines l where l.shop_id = c.shop_id and l.order_id = c.order_id and l.line_id = c.line_id))
    group by all
),
keyed as (
    select *, publisher as publisher_id, period_start('month', paid_day) as month from row_sums
    union all
    select *, '(all)', period_start('month', paid_day) from row_sums
),
sold as (
    select shop_id, plan as affiliate_plan, publisher_id, month,
        count(distinct order_id) as orders,
        money(sum(paid_fen) / 100.0) as paid_amount, money(sum(net_fen) / 100.0) as net_revenue,
        count(*) as affiliate_rows, count(settled_day) as settled_rows,
        money(sum(estimated)) as commission_estimated, money(sum(settled)) as commission_settled,
        money(sum(clawed_back)) as commission_clawed_back,
        money(sum(estimated - settled - clawed_back)) as commission_due,
        ratio(sum(greatest(settled_day - paid_day, 0)), count(settled_day)) as settlement_days
    from keyed group by all
),
-- The first purchase of each customer, and what the customer is worth.
newcomers as (
    select b.shop_id, b.customer_id, p.order_id, b.first_purchase_date,
        as_of() - b.first_purchase_date >= 90 as is_90,
        coalesce(i.days <= 90, false) as came_back,
        as_of() - b.first_purchase_date >= 180 as is_180,
        (select coalesce(sum(net_revenue), 0) from purchases q where q.shop_id = b.shop_id and q.customer_id = b.customer_id
            and q.paid_day <= b.first_purchase_date + 180)
        - (select coalesce(sum(amount), 0) from returns r where r.shop_id = b.shop_id and r.customer_id = b.customer_id
            and r.date <= b.first_purchase_date + 180) as net_180
    from buyers b
    join (select shop_id, customer_id, arg_min(order_id, row(paid_at, order_id)) as order_id
          from purchases where customer_id is not null group by all) p using (shop_id, customer_id)
    left join (select shop_id, customer_id, days from intervals where nth = 1 and is_closed) i using (shop_id, customer_id)
),
order_keys as (select distinct shop_id, plan as affiliate_plan, publisher_id, month, order_id from keyed),
bought as (
    select shop_id, affiliate_plan, publisher_id, month, count(distinct customer_id) as customers
    from order_keys join purchases using (shop_id, order_id) group by all
),
won as (
    select shop_id, affiliate_plan, publisher_id, month,
        count(*) as new_customers,
        count(*) filter (where is_90) as customers_90, count(*) filter (where is_90 and came_back) as repurchased_90,
        count(*) filter (where is_180) as customers_180, sum(net_180) filter (where is_180) as net_180
    from order_keys join newcomers using (shop_id, order_id) group by all
),
-- All that no row claims.
unclaimed as (
    select shop_id, paid_day, sum(paid_fen) as paid_fen, sum(line_net) as net_fen
    from brought b
    where not exists (from claims k join commissions c using (file, row)
        where c.shop_id = b.shop_id and c.order_id = b.order_id and k.line_id = b.line_id)
    group by all
),
other_orders as (
    select shop_id, order_id, customer_id, is_purchase, period_start('month', paid_day) as month
    from orders o
    where paid_day is not null and not exists (from row_sums r where r.shop_id = o.shop_id and r.order_id = o.order_id)
),
others as (
    select * from
    (select shop_id, period_start('month', paid_day) as month, money(sum(paid_fen) / 100.0) as others_paid_amount,
        money(sum(net_fen) / 100.0) as others_net_revenue from unclaimed group by all)
    full join (
        select shop_id, month, count(*) as others_orders, count(distinct customer_id) filter (where is_purchase) as others_customers
        from other_orders group by all) using (shop_id, month)
    full join (
        select shop_id, month, count(*) as others_new_customers,
            count(*) filter (where is_90) as others_customers_90, count(*) filter (where is_90 and came_back) as others_repurchased_90,
            count(*) filter (where is_180) as others_customers_180, sum(net_180) filter (where is_180) as others_net_180
        from other_orders join newcomers using (shop_id, order_id) group by all) using (shop_id, month)
),
joined as (
    select s.*,
        month >= f.first_day and period_end('month', month) <= as_of() as is_complete,
        money(commission_settled + commission_due) as commission,
        coalesce(customers, 0) as customers, coalesce(new_customers, 0) as new_customers,
        coalesce(customers_90, 0) as customers_90, coalesce(repurchased_90, 0) as repurchased_90,
        coalesce(customers_180, 0) as customers_180, money(net_180) as net_revenue_180,
        coalesce(others_orders, 0) as others_orders,
        coalesce(others_paid_amount, 0::decimal(18, 2)) as others_paid_amount, coalesce(others_net_revenue, 0::decimal(18, 2)) as others_net_revenue,
        coalesce(others_customers, 0) as others_customers, coalesce(others_new_customers, 0) as others_new_customers,
        coalesce(others_customers_90, 0) as others_customers_90, coalesce(others_repurchased_90, 0) as others_repurchased_90,
        coalesce(others_customers_180, 0) as others_customers_180, money(others_net_180) as others_net_revenue_180
    from sold s
    left join bought using (shop_id, affiliate_plan, publisher_id, month)
    left join won using (shop_id, affiliate_plan, publisher_id, month)
    left join others using (shop_id, month)
    join shop_starts f using (shop_id)
)
select *,
    ratio(commission, paid_amount) as commission_rate,
    ratio(net_revenue, commission) as return_on_commission,
    ratio(new_customers, customers) as new_customer_share,
    ratio(commission, new_customers) as commission_per_new_customer,
    ratio(repurchased_90, customers_90) as repurchase_rate_90,
    ratio(net_revenue_180, customers_180) as net_revenue_per_new_customer_180,
    ratio(others_new_customers, others_customers) as others_new_customer_share,
    ratio(others_repurchased_90, others_customers_90) as others_repurchase_rate_90,
    ratio(others_net_revenue_180, others_customers_180) as others_net_revenue_per_new_customer_180
from joined;
