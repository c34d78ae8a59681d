-- customers: as they were prepared.
from customers order by shop_id, customer_id
