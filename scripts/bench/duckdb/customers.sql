from customers order by shop_id, customer_id
