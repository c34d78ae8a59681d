//! The functions that expressions may call: each computes one value for one row. Functions that are not listed are refused.

use std::ops::RangeInclusive;

/// A function of one row.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name; upper and lower case mean the same.
    pub name: &'static str,
    /// How many arguments it takes.
    pub arguments: RangeInclusive<usize>,
    /// An example: a condition with it that is true.
    pub example: &'static str,
}

/// Any number of arguments from one on.
const SOME: RangeInclusive<usize> = 1..=usize::MAX;

const fn function(name: &'static str, arguments: RangeInclusive<usize>, example: &'static str) -> Function {
    Function { name, arguments, example }
}

/// The functions that expressions may call, by name.
pub const FUNCTIONS: &[Function] = &[
    function("ABS", 1..=1, "ABS(-3) = 3"),
    function("ACOS", 1..=1, "ACOS(1.0) = 0.0"),
    function("ACOSD", 1..=1, "ROUND(ACOSD(0.5), 6) = 60.0"),
    function("ARRAY_CONTAINS", 2..=2, "ARRAY_CONTAINS(STRING_TO_ARRAY('red,blue', ','), 'blue')"),
    function("ARRAY_GET", 2..=2, "ARRAY_GET(STRING_TO_ARRAY('red,blue', ','), 2) = 'blue'"),
    function("ARRAY_LENGTH", 1..=1, "ARRAY_LENGTH(STRING_TO_ARRAY('red,blue', ',')) = 2"),
    function("ARRAY_LOWER", 1..=1, "ARRAY_LOWER(CAST(STRING_TO_ARRAY('3,1,2', ',') AS BIGINT[])) = 1"),
    function("ARRAY_MEAN", 1..=1, "ARRAY_MEAN(CAST(STRING_TO_ARRAY('3,1,2', ',') AS BIGINT[])) = 2.0"),
    function("ARRAY_REVERSE", 1..=1, "ARRAY_GET(ARRAY_REVERSE(STRING_TO_ARRAY('red,blue', ',')), 1) = 'blue'"),
    function("ARRAY_SUM", 1..=1, "ARRAY_SUM(CAST(STRING_TO_ARRAY('3,1,2', ',') AS BIGINT[])) = 6"),
    function("ARRAY_TO_STRING", 2..=3, "ARRAY_TO_STRING(STRING_TO_ARRAY('red,blue', ','), '/') = 'red/blue'"),
    function("ARRAY_UNIQUE", 1..=1, "ARRAY_LENGTH(ARRAY_UNIQUE(STRING_TO_ARRAY('red,blue,red', ','))) = 2"),
    function("ARRAY_UPPER", 1..=1, "ARRAY_UPPER(CAST(STRING_TO_ARRAY('3,1,2', ',') AS BIGINT[])) = 3"),
    function("ASIN", 1..=1, "ASIN(0.0) = 0.0"),
    function("ASIND", 1..=1, "ROUND(ASIND(0.5), 6) = 30.0"),
    function("ATAN", 1..=1, "ATAN(0.0) = 0.0"),
    function("ATAN2", 2..=2, "ATAN2(0.0, 1.0) = 0.0"),
    function("ATAN2D", 2..=2, "ROUND(ATAN2D(1.0, 1.0), 6) = 45.0"),
    function("ATAND", 1..=1, "ROUND(ATAND(1.0), 6) = 45.0"),
    function("BITAND", 2..=2, "BITAND(6, 3) = 2"),
    function("BITNOT", 1..=1, "BITNOT(5) = -6"),
    function("BITOR", 2..=2, "BITOR(6, 3) = 7"),
    function("BITXOR", 2..=2, "BITXOR(6, 3) = 5"),
    function("BIT_AND", 2..=2, "BIT_AND(6, 3) = 2"),
    function("BIT_LENGTH", 1..=1, "BIT_LENGTH('abc') = 24"),
    function("BIT_NOT", 1..=1, "BIT_NOT(5) = -6"),
    function("BIT_OR", 2..=2, "BIT_OR(6, 3) = 7"),
    function("BIT_XOR", 2..=2, "BIT_XOR(6, 3) = 5"),
    function("CBRT", 1..=1, "ROUND(CBRT(27.0), 6) = 3.0"),
    function("CEILING", 1..=1, "CEILING(1.2) = 2.0"),
    function("CHARACTER_LENGTH", 1..=1, "CHARACTER_LENGTH('天猫') = 2"),
    function("CHAR_LENGTH", 1..=1, "CHAR_LENGTH('天猫') = 2"),
    function("COALESCE", SOME, "COALESCE(NULL, 'none') = 'none'"),
    function("CONCAT", SOME, "CONCAT('tb', '-', '17') = 'tb-17'"),
    function("CONCAT_WS", 2..=usize::MAX, "CONCAT_WS('-', 'tb', '17') = 'tb-17'"),
    function("COS", 1..=1, "COS(0.0) = 1.0"),
    function("COSD", 1..=1, "ROUND(COSD(60.0), 6) = 0.5"),
    function("COT", 1..=1, "ROUND(COT(0.785398163397448), 6) = 1.0"),
    function("COTD", 1..=1, "ROUND(COTD(45.0), 6) = 1.0"),
    function("DATE", 1..=2, "DATE('31.01.2026', '%d.%m.%Y') = DATE '2026-01-31'"),
    function("DATETIME", 1..=2, "DATETIME('2026-01-31 14:30:00') = TIMESTAMP '2026-01-31 14:30:00'"),
    function("DATE_PART", 2..=2, "DATE_PART('month', DATE '2026-01-31') = 1"),
    function("DEGREES", 1..=1, "ROUND(DEGREES(PI()), 6) = 180.0"),
    function("DIV", 2..=2, "DIV(7, 2) = 3"),
    function("ENDS_WITH", 2..=2, "ENDS_WITH('shop-test', '-test')"),
    function("EXP", 1..=1, "EXP(0.0) = 1.0"),
    function("GREATEST", SOME, "GREATEST(3, 1, 2) = 3"),
    function("IF", 3..=3, "IF(2 > 1, 'more', 'less') = 'more'"),
    function("IFNULL", 2..=2, "IFNULL(NULL, 'none') = 'none'"),
    function("LEAST", SOME, "LEAST(3, 1, 2) = 1"),
    function("LEFT", 2..=2, "LEFT('tb-17', 2) = 'tb'"),
    function("LENGTH", 1..=1, "LENGTH('天猫') = 2"),
    function("LN", 1..=1, "LN(1.0) = 0.0"),
    function("LOG", 2..=2, "ROUND(LOG(8.0, 2.0), 6) = 3.0"),
    function("LOG10", 1..=1, "ROUND(LOG10(1000.0), 6) = 3.0"),
    function("LOG1P", 1..=1, "LOG1P(0.0) = 0.0"),
    function("LOG2", 1..=1, "ROUND(LOG2(8.0), 6) = 3.0"),
    function("LOWER", 1..=1, "LOWER('Tmall') = 'tmall'"),
    function("LPAD", 2..=3, "LPAD('17', 4, '0') = '0017'"),
    function("LTRIM", 1..=2, "LTRIM('  17') = '17'"),
    function("MOD", 2..=2, "MOD(7, 2) = 1"),
    function("NORMALIZE", 1..=2, "NORMALIZE('１７', NFKC) = '17'"),
    function("NULLIF", 2..=2, "NULLIF('-', '-') IS NULL"),
    function("OCTET_LENGTH", 1..=1, "OCTET_LENGTH('天猫') = 6"),
    function("PI", 0..=0, "ROUND(PI(), 5) = 3.14159"),
    function("POW", 2..=2, "POW(2, 3) = 8"),
    function("POWER", 2..=2, "POWER(2, 3) = 8"),
    function("RADIANS", 1..=1, "ROUND(RADIANS(180.0), 5) = 3.14159"),
    function("REGEXP_LIKE", 2..=3, "REGEXP_LIKE('tb-17', '^tb-[0-9]+$')"),
    function("REPLACE", 3..=3, "REPLACE('1,200', ',', '') = '1200'"),
    function("REVERSE", 1..=1, "REVERSE('abc') = 'cba'"),
    function("RIGHT", 2..=2, "RIGHT('tb-17', 2) = '17'"),
    function("ROUND", 1..=2, "ROUND(2.347, 2) = 2.35"),
    function("RPAD", 2..=3, "RPAD('17', 4, '0') = '1700'"),
    function("RTRIM", 1..=2, "RTRIM('17  ') = '17'"),
    function("SIGN", 1..=1, "SIGN(-3) = -1"),
    function("SIN", 1..=1, "SIN(0.0) = 0.0"),
    function("SIND", 1..=1, "ROUND(SIND(30.0), 6) = 0.5"),
    function("SPLIT_PART", 3..=3, "SPLIT_PART('tb-17-a', '-', 2) = '17'"),
    function("SQRT", 1..=1, "SQRT(9.0) = 3.0"),
    function("STARTS_WITH", 2..=2, "STARTS_WITH('test-shop', 'test-')"),
    function("STRFTIME", 2..=2, "STRFTIME(DATE '2026-01-31', '%Y-%m') = '2026-01'"),
    function("STRING_TO_ARRAY", 2..=2, "ARRAY_LENGTH(STRING_TO_ARRAY('red,blue', ',')) = 2"),
    function("STRPOS", 2..=2, "STRPOS('tb-17', '-') = 3"),
    function("STRPTIME", 2..=2, "STRPTIME('31.01.2026 14:30', '%d.%m.%Y %H:%M') = TIMESTAMP '2026-01-31 14:30:00'"),
    function("TAN", 1..=1, "TAN(0.0) = 0.0"),
    function("TAND", 1..=1, "ROUND(TAND(45.0), 6) = 1.0"),
    function("TIME", 1..=2, "TIME('14:30:00') = TIME '14:30:00'"),
    function("TIMESTAMP", 1..=2, "TIMESTAMP('2026-01-31 14:30:00') = TIMESTAMP '2026-01-31 14:30:00'"),
    function("TRUNC", 1..=2, "TRUNC(2.7) = 2.0"),
    function("TRUNCATE", 1..=2, "TRUNCATE(2.7) = 2.0"),
    function("UPPER", 1..=1, "UPPER('Tmall') = 'TMALL'"),
    function("XOR", 2..=2, "XOR(6, 3) = 5"),
];

/// Forms that are written like functions but parsed by rules of their own: the name, and a condition with it that is true.
pub const FORMS: &[(&str, &str)] = &[
    ("CASE", "CASE WHEN 2 > 1 THEN 'more' ELSE 'less' END = 'more'"),
    ("CAST", "CAST('17.50' AS DOUBLE) = 17.5"),
    ("CEIL", "CEIL(1.2) = 2.0"),
    ("EXTRACT", "EXTRACT(MONTH FROM DATE '2026-01-31') = 1"),
    ("FLOOR", "FLOOR(1.7) = 1.0"),
    ("POSITION", "POSITION('-' IN 'tb-17') = 3"),
    ("SUBSTR", "SUBSTR('tb-17', 4, 2) = '17'"),
    ("SUBSTRING", "SUBSTRING('tb-17' FROM 4 FOR 2) = '17'"),
    ("TRIM", "TRIM(BOTH '-' FROM '-17-') = '17'"),
    ("TRY_CAST", "TRY_CAST('seventeen' AS DOUBLE) IS NULL"),
];

/// The functions of Polars' SQL that use more than one row, for the message. Functions in no list are refused as well.
pub(super) const MANY_ROWS: &[&str] = &[
    "ARRAY_AGG",
    "AVG",
    "CORR",
    "COUNT",
    "COVAR",
    "COVAR_POP",
    "COVAR_SAMP",
    "DENSE_RANK",
    "FIRST",
    "FIRST_VALUE",
    "GROUP_CONCAT",
    "LAG",
    "LAST",
    "LAST_VALUE",
    "LEAD",
    "LISTAGG",
    "MAX",
    "MEDIAN",
    "MIN",
    "QUANTILE_CONT",
    "QUANTILE_DISC",
    "RANK",
    "ROW_NUMBER",
    "STDDEV",
    "STDDEV_SAMP",
    "STDEV",
    "STDEV_SAMP",
    "STRING_AGG",
    "SUM",
    "TOTAL",
    "UNNEST",
    "VAR",
    "VAR_SAMP",
    "VARIANCE",
];

/// Names of functions in other databases, and the name here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("CHARINDEX", "STRPOS"),
    ("CONVERT", "CAST"),
    ("DATE_FORMAT", "STRFTIME"),
    ("DAY", "EXTRACT"),
    ("HOUR", "EXTRACT"),
    ("IIF", "IF"),
    ("INSTR", "STRPOS"),
    ("ISNULL", "COALESCE"),
    ("LCASE", "LOWER"),
    ("LEN", "LENGTH"),
    ("MONTH", "EXTRACT"),
    ("NVL", "COALESCE"),
    ("REGEXP_MATCHES", "REGEXP_LIKE"),
    ("STR_TO_DATE", "STRPTIME"),
    ("SUBSTRING_INDEX", "SPLIT_PART"),
    ("TO_CHAR", "STRFTIME"),
    ("TO_DATE", "DATE"),
    ("TO_TIMESTAMP", "STRPTIME"),
    ("UCASE", "UPPER"),
    ("YEAR", "EXTRACT"),
];

/// The function of that name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// An example of the function or form of that name.
fn example(name: &str) -> Option<&'static str> {
    let form = || FORMS.iter().find(|(form, _)| form.eq_ignore_ascii_case(name)).map(|(_, example)| *example);
    find(name).map(|function| function.example).or_else(form)
}

/// The help for a function that expressions do not have.
pub(super) fn instead_of(name: &str) -> String {
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, here)| *here);
    let names = || FUNCTIONS.iter().map(|function| function.name).chain(FORMS.iter().map(|(name, _)| *name));
    match elsewhere.or_else(|| crate::job::nearest(name, names())) {
        Some(near) => format!("did you mean `{near}`? {} is true", example(near).unwrap_or(near)),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    }
}
