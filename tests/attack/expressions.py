"""Random SQL over the columns of a file: right and wrong, deep and long.

Half of it follows the types, so that most of it is evaluated; the rest is what people and attackers write wrong.
"""

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
        f"STRPTIME(status, '{'%Y' * 2000}')", f"REGEXP_LIKE(status, 'a{{1000}}{{{number}}}')", "status RLIKE 'a{1000}{1000}'",
        f"ROUND(2.5, {number % 1000})", f"REPLACE(status, '', '{'b' * 9000}')", f"SPLIT_PART(status, '', {number})", f"POWER(2, {number})", f"2 ^ {number}", f"REGEXP_LIKE(status, '({'a*' * 30})*b')", f"REPLACE('{'a' * 1000}', 'a', '{'b' * 1000}')",
    ])


# What gives each kind of value; `{n}` is a number, `{x}` a float, `{t}` a text, `{b}` true or false, `{d}` a time.
FORMS = {
    "n": ["6", "-1", "0", "({n} + {n})", "({n} - {n})", "({n} * {n})", "({n} % 7)", "ABS({n})", "LENGTH({t})", "STRPOS({t}, '-')", "COALESCE({n}, {n})",
          "NULLIF({n}, {n})", "IF({b}, {n}, {n})", "GREATEST({n}, {n})", "CASE WHEN {b} THEN {n} ELSE {n} END", "EXTRACT(MONTH FROM {d})",
          "TRY_CAST({t} AS BIGINT)", "CAST(ROUND({x}) AS BIGINT)", "ARRAY_LENGTH(STRING_TO_ARRAY({t}, '-'))", "OCTET_LENGTH({t})"],
    "x": ["2.55", "0.1", "({x} + {x})", "({x} * {x})", "({x} / {x})", "POWER({x}, {x})", "POWER({x}, 2)", "EXP({x})", "LN({x})", "SQRT({x})", "LOG10({x})",
          "ROUND({x}, 2)", "FLOOR({x})", "CEIL({x})", "CAST({n} AS DOUBLE)", "COALESCE({x}, {x})", "CASE WHEN {b} THEN {x} ELSE {x} END", "-{x}"],
    "t": ["'web'", "''", "'天猫'", "({t} || {t})", "CONCAT({t}, '-', {t})", "UPPER({t})", "LOWER({t})", "TRIM({t})", "REVERSE({t})", "LEFT({t}, 3)", "RIGHT({t}, 2)",
          "SUBSTR({t}, 2, 3)", "LPAD({t}, 20, '0')", "RPAD({t}, 900, '-')", "REPLACE({t}, 'a', 'bb')", "REPLACE({t}, '', '--')", "SPLIT_PART({t}, '-', 1)",
          "CAST({n} AS VARCHAR)", "STRFTIME({d}, '%Y-%m')", "COALESCE({t}, {t})", "CASE WHEN {b} THEN {t} ELSE {t} END", "IF({b}, {t}, 'no')",
          "ARRAY_TO_STRING(STRING_TO_ARRAY({t}, '-'), '/')", "NORMALIZE({t}, NFKC)", "CONCAT_WS('/', {t}, {t}, {t})"],
    "b": ["TRUE", "({n} > {n})", "({x} <= {x})", "({t} = {t})", "({d} < {d})", "({b} AND {b})", "({b} OR {b})", "(NOT {b})", "({t} LIKE '%1%')",
          "({t} IN ('web', 'app'))", "({n} BETWEEN {n} AND {n})", "({t} IS NULL)", "REGEXP_LIKE({t}, '^[a-z]+[0-9]{1,9}$')", "({t} ~ 'a.*b')",
          "STARTS_WITH({t}, 'o')", "({n} IS DISTINCT FROM {n})", "(NOT ({t} ILIKE {q}))"],
    "d": ["TIMESTAMP '2026-01-31 14:30:00'", "({d} + INTERVAL '1 day')", "({d} - INTERVAL '1 month')", "COALESCE({d}, {d})",
          "CASE WHEN {b} THEN {d} ELSE {d} END", "CAST(CAST({d} AS DATE) AS TIMESTAMP)"],
    "q": ["'%a%'", "'_b%'", "''"],
}
# The columns of the orders of the sample, and of the table of customers, by kind.
ORDERS = {
    "n": ["quantity", "LENGTH(status)"], "x": ["CAST(paid_amount AS DOUBLE)"], "t": ["CAST(order_id AS VARCHAR)", "status", "province", "channel"],
    "d": ["created_at", "paid_at"],
}
CUSTOMERS = {
    "n": ["orders", "recency_days"], "x": ["paid_amount", "p_alive"], "t": ["province", "first_channel", "lifecycle"],
    "d": ["CAST(first_purchase_date AS TIMESTAMP)"],
}
KINDS = {"filter": "b", "--where": "b", "province": "t", "category_id": "t", "paid_amount": "x", "paid_at": "d"}


def typed(chance, kind, depth, columns):
    """An expression of a kind, valid if the columns are."""
    leaves = columns.get(kind, FORMS[kind][:2])
    if depth == 0 or chance.random() < 0.1:
        return chance.choice(leaves)
    text = chance.choice(FORMS[kind] + leaves)
    parts, rest = [], text
    while "{" in rest:
        before, after = rest.split("{", 1)
        if after[1:2] != "}" or after[0] not in FORMS:
            parts.append(before + "{")
            rest = after
            continue
        parts.append(before + typed(chance, after[0], depth - 1, columns))
        rest = after[2:]
    return "".join(parts) + rest


def growing(chance):
    """Texts that become longer at each level, and patterns that are many."""
    times = chance.choice([3, 12, 40])
    column = chance.choice(["status", "order_id", "'" + "a" * 1000 + "'"])
    opening, closing = chance.choice([
        ("REPLACE(", ", 'a', 'aaaaaaaaaa')"), ("REPLACE(", ", '', 'aaaa')"), ("ARRAY_TO_STRING(STRING_TO_ARRAY(", ", ''), 'bbbb')"), ("NORMALIZE(", ", NFKD)"),
        ("SPLIT_PART(", ", '-', 1)"), ("RIGHT(", ", 3)"), ("NULLIF(", ", 'a')"), ("(", " || 'a')"), ("LPAD(", ", 1000, 'x')"), ("CONCAT_WS(", ", 'a', 'b')"),
    ])
    nested = opening * times + column + closing * times
    return chance.choice([
        nested, f"LEFT({nested}, 3)", f"LENGTH({nested}) > 3", " || ".join([column] * chance.choice([50, 400, 5000])), f"CONCAT({', '.join([column] * 3000)})",
        " OR ".join(["REGEXP_LIKE(status, '\\w{300}')"] * times), f"REGEXP_LIKE(status, '{'(' * times}a{'{9}){9}' * times}')",
        " ~~ ".join(["status"] * times * 10), f"REGEXP_LIKE(status, {column})", f"STRFTIME(created_at, '{'%c' * 400}')",
    ])


def any_expression(chance, place="filter", columns=ORDERS):
    """An expression for a place of a job, or for a condition."""
    kind = chance.random()
    if kind < 0.1:
        return chain(chance)
    if kind < 0.2:
        return sizes(chance)
    if kind < 0.25:
        return growing(chance)
    if kind < 0.75:
        return typed(chance, KINDS[place], chance.choice([1, 2, 3, 5]), columns)
    return expression(chance, chance.choice([1, 2, 3, 6]))
