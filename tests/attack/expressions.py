"""Random SQL over the columns of a file: right and wrong, deep and long."""

COLUMNS = ["order_id", "paid_amount", "created_at", "status", "nothing", '"paid amount"', "1", "0", "-1", "'x'", "''", "NULL", "TRUE", "1e308", "0.1"]
FUNCTIONS = [
    "UPPER", "LOWER", "TRIM", "LENGTH", "CONCAT", "COALESCE", "NULLIF", "ABS", "ROUND", "FLOOR", "CEIL", "SUBSTR", "LEFT", "RIGHT", "LPAD", "RPAD",
    "REPLACE", "REGEXP_LIKE", "STRPTIME", "STRFTIME", "DATE", "GREATEST", "LEAST", "IF", "IFNULL", "SPLIT_PART", "STARTS_WITH", "REPEAT", "SUM",
    "COUNT", "RANK", "EXP", "LN", "POWER", "MOD", "SQRT", "PI", "ARRAY_AGG", "DATE_PART", "EXTRACT", "INITCAP", "REVERSE", "STRPOS", "nothing",
]
TYPES = ["BIGINT", "INT", "VARCHAR", "TIMESTAMP", "DATE", "DECIMAL(10,2)", "DECIMAL(99,99)", "DECIMAL(0,5)", "DOUBLE", "BOOLEAN", "INTERVAL", "UUID", "JSON", "ARRAY"]
LONG = ["30 dys", "1 day", "-5 hours", "99999999999 years", "", "x", "1 month 2 days"]


def expression(chance, depth):
    """An expression of at most so many levels."""
    if depth == 0 or chance.random() < 0.15:
        return chance.choice(COLUMNS)
    below = lambda: expression(chance, depth - 1)
    kind = chance.randrange(14)
    if kind == 0:
        return f"({below()} {chance.choice(['+', '-', '*', '/', '%', '||', '//', '^', '&'])} {below()})"
    if kind == 1:
        return f"({below()} {chance.choice(['=', '<', '>', '<=', '<>', 'IS DISTINCT FROM', 'LIKE', 'ILIKE', '~'])} {below()})"
    if kind == 2:
        return f"({below()} {chance.choice(['AND', 'OR', 'XOR'])} {below()})"
    if kind == 3:
        return f"{chance.choice(['CAST', 'TRY_CAST'])}({below()} AS {chance.choice(TYPES)})"
    if kind == 4:
        return f"CASE WHEN {below()} THEN {below()} ELSE {below()} END"
    if kind == 5:
        return f"({below()} {chance.choice(['IN', 'NOT IN'])} ({', '.join(below() for _ in range(chance.randrange(4)))}))"
    if kind == 6:
        return f"({below()} BETWEEN {below()} AND {below()})"
    if kind == 7:
        return f"INTERVAL '{chance.choice(LONG)}'"
    if kind == 8:
        return f"({below()} IS {chance.choice(['NULL', 'NOT NULL', 'TRUE', 'UNKNOWN'])})"
    if kind == 9:
        return f"{chance.choice(['-', 'NOT ', '+', '~'])}{below()}"
    if kind == 10:
        return f"(SELECT {below()})"
    arguments = ", ".join(below() for _ in range(chance.randrange(5)))
    return f"{chance.choice(FUNCTIONS)}({arguments})"


def chain(chance):
    """A long flat one, or a deep nest."""
    count = chance.choice([100, 600, 2000, 20000])
    if chance.random() < 0.5:
        return chance.choice([" + ", " OR ", " AND ", " || "]).join(["paid_amount = 1"] * count)
    opening, closing = chance.choice([("(", ")"), ("NOT (", ")"), ("ABS(", ")"), ("-", ""), ("CASE WHEN TRUE THEN ", " END"), ("COALESCE(", ", 1)")])
    return opening * count + "paid_amount" + closing * count


def sizes(chance):
    """Small texts that ask for much."""
    number = chance.choice([10**6, 2 * 10**9, 10**18])
    return chance.choice([
        f"LPAD('a', {number}, 'b')", f"RPAD(status, {number})", f"REPEAT('a', {number})", f"ROUND(paid_amount, {number})",
        f"paid_amount * {'9' * 400}", f"'{'x' * 100000}'", f"SUBSTR(status, {number}, {number})", f"LEFT(status, -{number})",
        f"CAST('{'9' * 100}' AS BIGINT)", f"paid_amount IN ({', '.join(str(i) for i in range(20000))})",
        f"STRPTIME(status, '{'%Y' * 2000}')", f"REGEXP_LIKE(status, '({'a*' * 30})*b')", f"REPLACE('{'a' * 1000}', 'a', '{'b' * 1000}')",
    ])


def any_expression(chance):
    kind = chance.random()
    if kind < 0.1:
        return chain(chance)
    if kind < 0.2:
        return sizes(chance)
    return expression(chance, chance.choice([1, 2, 3, 6]))
