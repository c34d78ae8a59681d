-- customers: as they were prepared.
select * from customers order by shop_id, customer_id
