"""Customers under several ids: joined before anything else is computed, by telling neighbours the smallest id until nobody learns a smaller one."""

# What programs write where they know nobody; the program knows more such words, which no data of the comparison have.
NOBODY = "('0', '-1', 'null', 'none', 'nan', '-', '匿名', '游客')"


def join_customers(db):
    """Makes `link_rows` (which rows count), `people` (id, person) and, of every input with a `customer_id`, the view raw_… with the id of
    the person as `customer_id` and the one that the row names as `named_id`."""
    db.execute(f"""
        CREATE TEMP TABLE link_rows AS
        WITH reasoned AS (
            SELECT *, coalesce(CAST(valid_from AS DATE) > getvariable('as_of'), false) AS is_after, list_filter([
                CASE WHEN customer_id IS NULL OR linked_id IS NULL THEN 'null_key' END,
                CASE WHEN lower(CAST(customer_id AS VARCHAR)) IN {NOBODY} OR lower(CAST(linked_id AS VARCHAR)) IN {NOBODY} THEN 'null_key' END,
                CASE WHEN unparseable THEN 'unparseable_value' END], lambda reason: reason IS NOT NULL) AS reasons
            FROM raw_customer_links)
        SELECT *, CASE WHEN is_after THEN 'after_as_of' WHEN len(reasons) > 0 THEN 'rejected' ELSE 'used' END AS state FROM reasoned""")
    db.execute("""
        CREATE TEMP TABLE neighbours AS
        SELECT customer_id AS one, linked_id AS other FROM link_rows WHERE state = 'used'
        UNION SELECT linked_id, customer_id FROM link_rows WHERE state = 'used'""")
    db.execute("CREATE TEMP TABLE people AS SELECT DISTINCT one AS id, one AS person FROM neighbours")
    while True:
        db.execute("""
            CREATE OR REPLACE TEMP TABLE told AS
            SELECT p.id, least(p.person, min(n.person)) AS person
            FROM people p JOIN neighbours ON one = p.id JOIN people n ON n.id = other GROUP BY p.id, p.person""")
        changed = db.execute("SELECT count(*) FROM told t JOIN people p USING (id) WHERE t.person <> p.person").fetchone()[0]
        db.execute("CREATE OR REPLACE TEMP TABLE people AS SELECT * FROM told")
        if not changed:
            break
    for name, in db.execute("SELECT DISTINCT table_name FROM information_schema.columns WHERE table_name LIKE 'raw\\_%' ESCAPE '\\' AND column_name = 'customer_id'").fetchall():
        if name != "raw_customer_links":
            db.execute(f"ALTER VIEW {name} RENAME TO named_{name}")
            db.execute(f"""
                CREATE VIEW {name} AS SELECT n.* REPLACE (coalesce(p.person, n.customer_id) AS customer_id), n.customer_id AS named_id
                FROM named_{name} n LEFT JOIN people p ON p.id = n.customer_id""")
