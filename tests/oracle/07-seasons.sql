-- The season of known customers: repeat purchases on the same days of the last two years, beside what the used model expects of the customers
-- of then. Makes seasons.

-- What a new customer is expected to buy on each day after the first purchase, in shops that are known for two years.
create temp table expected_on_day as
with sizes as (select shop_id, min(created_day) as known_from, as_of() - min(created_day) + 1 as days from orders group by all),
upto as (
    select shop_id, known_from, days, t,
        case when formula = 'naive' then rate * t else purchases_to_come(formula, r, alpha, a, b, 0, 0, 0, t / 7) end as purchases
    from used_models join sizes using (shop_id)
    join (select shop_id, sum(x) / nullif(sum(days_to_end), 0) as rate from histories group by all) as before using (shop_id)
    cross join (select cast(unnest(range((select max(days) + 1 from sizes))) as integer) as t)
    where t <= days and days >= 730
)
select shop_id, known_from, days, t as after, lead(purchases) over (partition by shop_id order by t) - purchases as purchases from upto;

-- Day 0 is the first of the two years.
create temp table season_days as
with bought as (
    select shop_id, date - known_from as place, count(*) filter (where nth = 1) as new, count(*) filter (where nth > 1) as repeated
    from purchase_days join (select distinct shop_id, known_from from expected_on_day) using (shop_id) group by all
),
expected as (
    select n.shop_id, place + after + 1 as place, sum(new * purchases) as purchases
    from bought n join expected_on_day e on e.shop_id = n.shop_id and place + after + 1 < days where new > 0 group by all
),
two_years as (
    select s.shop_id, day, coalesce(repeated, 0) as bought, coalesce(purchases, 0) as expected, day - 364.5 as x
    from (
        select shop_id, days, cast(unnest(range(730)) as integer) as day
        from (select distinct shop_id, days from expected_on_day)) as s
    left join bought b on b.shop_id = s.shop_id and b.place = days - 730 + day
    left join expected e on e.shop_id = s.shop_id and e.place = days - 730 + day
),
-- The straight line by which the expectation fits best, in weighted least squares of bought / expected, with the expectation as the weight.
lines as (
    select shop_id, sum(expected) as w, sum(expected * x) as wx, sum(expected * x * x) as wxx, sum(bought) as b, sum(bought * x) as bx
    from two_years group by all
),
fitted as (
    select shop_id, (b * wxx - bx * wx) / (w * wxx - wx * wx) as level, (bx * w - b * wx) / (w * wxx - wx * wx) as slope
    from lines where w * wxx - wx * wx <> 0
)
select shop_id, day, day // 365 as year, (day % 365) * 12 // 365 as part, bought,
    expected * coalesce(greatest(level + slope * x, 0.05 * greatest(level, 0)), 1) as expected
from two_years left join fitted using (shop_id);

-- How far a season recurs, from the twelve parts of both years beside a base: the mean product of both years' deviations less three standard errors.
create macro recurrence(years) as table
with deviations as (
    select scope, part, max(bought / nullif(expected * base, 0) - 1) filter (where year = 0) as older,
        max(bought / nullif(expected * base, 0) - 1) filter (where year = 1) as younger
    from query_table(years) group by all
),
means as (
    select scope, avg(older * younger) as common, avg((older - younger) * (older - younger)) / 2 as scatter, count(*) as parts
    from deviations where older is not null and younger is not null group by all
),
sizes as (select scope, sum(expected) / 24 as of_part from query_table(years) group by all)
select scope, of_part, greatest(coalesce(scatter, 0), coalesce(1 / nullif(of_part, 0), 0)) as by_chance,
    greatest(coalesce(common, 0) - 3 * coalesce(greatest(coalesce(scatter, 0), coalesce(1 / nullif(of_part, 0), 0)) / sqrt(parts), 0), 0) as variance
from sizes left join means using (scope);

-- A factor against its base, drawn towards it by what chance explains.
create macro season_factor(bought, expected, base, variance, chance) as
    case when expected * base = 0 then base
        else base * (1 + coalesce(variance / nullif(variance + chance / (expected * base), 0), 0) * (bought / (expected * base) - 1)) end;

create temp table parts_of_all as
select 0 as scope, year, part, sum(bought) as bought, sum(expected) as expected, 1.0 as base from season_days group by all;
create temp table recurrence_of_all as select * from recurrence('parts_of_all');

create temp table parts_of_shops as
with bases as (
    select part, season_factor(sum(bought), sum(expected), 1.0, any_value(variance), any_value(by_chance * of_part)) as base
    from parts_of_all join recurrence_of_all using (scope) group by all
)
select shop_id as scope, year, part, sum(bought) as bought, sum(expected) as expected, any_value(base) as base
from season_days join bases using (part) group by all;
create temp table recurrence_of_shops as select * from recurrence('parts_of_shops');

create temp table seasons as
with spans as (
    select month, cast(greatest(month, as_of() + 1) - month as integer) as skipped from month_ends
),
same_days as (
    select month, cast(least(start_day + skipped, last_day(start_day)) as date) as from_day, last_day(start_day) as to_day
    from (select month, skipped, cast(month - to_years(back) as date) as start_day from spans cross join (select unnest([1, 2]) as back))
),
seen as (
    select shop_id, month, sum(bought) filter (where date between from_day and to_day) as bought,
        sum(expected) filter (where date between from_day and to_day) as expected
    from (select *, as_of() - 729 + day as date from season_days) cross join same_days group by all
),
of_all as (
    select month, season_factor(coalesce(sum(bought), 0), coalesce(sum(expected), 0), 1.0, any_value(variance), any_value(by_chance * of_part)) as season
    from seen cross join recurrence_of_all group by all
),
of_shops as (
    select s.shop_id, s.month, season_factor(coalesce(bought, 0), coalesce(expected, 0), a.season, variance, by_chance * of_part) as season
    from seen s join of_all a using (month) join recurrence_of_shops r on r.scope = s.shop_id
)
-- Where a shop does not know two years, the season of all counts.
select shop_id, a.month, coalesce(o.season, a.season) as season
from (select distinct shop_id from histories) cross join of_all a left join of_shops o using (shop_id, month);
