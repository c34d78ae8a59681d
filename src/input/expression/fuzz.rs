//! Random expressions of the grammar, most of which are valid: none panics or does not end, and no row depends on those beside it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray};
use arrow::compute::concat;
use arrow::record_batch::RecordBatch;
use jiff::tz::TimeZone;

use super::Expressions;

/// Numbers without a system, the same in every run (Steele and Vigna, SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    fn of<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        choices[self.below(choices.len())]
    }
}

/// What an expression gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Float,
    Text,
    Truth,
    Time,
    Day,
}

const KINDS: [Kind; 6] = [Kind::Number, Kind::Float, Kind::Text, Kind::Truth, Kind::Time, Kind::Day];

/// For each kind, what it is made of: `#` is a number, `~` a float, `$` a text, `?` true or false, `@` a time, `!` a day.
fn forms(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Number => &[
            "number",
            "6",
            "-1",
            "0",
            "(# + #)",
            "(# - #)",
            "(# * #)",
            "(# % 7)",
            "(# // 3)",
            "ABS(#)",
            "SIGN(#)",
            "LENGTH($)",
            "STRPOS($, '-')",
            "MOD(#, 5)",
            "COALESCE(#, #)",
            "NULLIF(#, #)",
            "IF(?, #, #)",
            "GREATEST(#, #)",
            "LEAST(#, 3)",
            "CASE WHEN ? THEN # ELSE # END",
            "EXTRACT(MONTH FROM @)",
            "DATE_PART('year', !)",
            "CAST(~ AS BIGINT)",
            "TRY_CAST($ AS BIGINT)",
            "BITAND(#, 3)",
            "OCTET_LENGTH($)",
            "CASE # WHEN 6 THEN # WHEN -1 THEN 2 ELSE # END",
            "POSITION('b' IN $)",
            "ARRAY_LENGTH(STRING_TO_ARRAY($, '-'))",
        ],
        Kind::Float => &[
            "amount",
            "2.55",
            "0.1",
            "rate",
            "(~ + ~)",
            "(~ - #)",
            "(~ * ~)",
            "(~ / ~)",
            "(# / #)",
            "POW(~, ~)",
            "POWER(~, 2)",
            "POW(~, 0.5)",
            "EXP(~)",
            "LN(~)",
            "LOG(~, 2.0)",
            "LOG10(~)",
            "LOG2(~)",
            "LOG1P(~)",
            "SQRT(~)",
            "CBRT(~)",
            "SIN(~)",
            "COS(~)",
            "TAN(~)",
            "ATAN2(~, ~)",
            "ROUND(~, 2)",
            "FLOOR(~)",
            "CEIL(~)",
            "TRUNC(~)",
            "ABS(~)",
            "CAST(# AS DOUBLE)",
            "TRY_CAST($ AS DOUBLE)",
            "COALESCE(~, ~)",
            "-~",
            "CASE WHEN ? THEN ~ ELSE ~ END",
            "GREATEST(~, ~)",
            "NULLIF(~, 0.0)",
            "POW(rate, amount)",
            "POW(amount, rate)",
            "RADIANS(~)",
            "COT(~)",
            "ARRAY_SUM(CAST(STRING_TO_ARRAY('0.1,0.2,0.3', ',') AS DOUBLE[]))",
            "ARRAY_MEAN(CAST(STRING_TO_ARRAY('0.1,0.7', ',') AS DOUBLE[]))",
        ],
        Kind::Text => &[
            "text",
            "'tb-'",
            "''",
            "'天猫'",
            "($ || $)",
            "CONCAT($, '-', $)",
            "CONCAT_WS('/', $, $)",
            "UPPER($)",
            "LOWER($)",
            "TRIM($)",
            "REVERSE($)",
            "LEFT($, 3)",
            "RIGHT($, 2)",
            "SUBSTR($, 2, 3)",
            "LPAD($, 8, '0')",
            "RPAD($, 9, '-')",
            "REPLACE($, '-', '--')",
            "REPLACE($, 'b', '')",
            "SPLIT_PART($, '-', 1)",
            "CAST(# AS VARCHAR)",
            "CAST(~ AS VARCHAR)",
            "STRFTIME(@, '%Y-%m')",
            "COALESCE($, $)",
            "NULLIF($, '')",
            "CASE WHEN ? THEN $ ELSE $ END",
            "IF(?, $, $)",
            "GREATEST($, $)",
            "LTRIM($, 't')",
            "ARRAY_TO_STRING(STRING_TO_ARRAY($, '-'), '/')",
            "NORMALIZE($, NFKC)",
            "SUBSTRING($ FROM 2 FOR 2)",
            "RIGHT($, #)",
            "SUBSTR($, #, 2)",
        ],
        Kind::Truth => &[
            "is_new",
            "TRUE",
            "(# > #)",
            "(~ <= ~)",
            "($ = $)",
            "($ <> 'tb-17')",
            "(@ < @)",
            "(! >= !)",
            "(? AND ?)",
            "(? OR ?)",
            "(NOT ?)",
            "($ LIKE 'tb-%')",
            "($ ILIKE '%猫')",
            "($ IN ('tb-17', 'a'))",
            "(# IN (1, 6))",
            "(# BETWEEN # AND #)",
            "(~ BETWEEN 0.0 AND ~)",
            "($ IS NULL)",
            "(? IS NOT NULL)",
            "REGEXP_LIKE($, '^tb-[0-9]+$')",
            "($ ~ 'b.1')",
            "STARTS_WITH($, 'tb')",
            "ENDS_WITH($, $)",
            "(# IS DISTINCT FROM #)",
            "($ RLIKE '1')",
            "($ ~~ 'tb%')",
        ],
        Kind::Time => &[
            "paid_at",
            "TIMESTAMP '2026-01-31 14:30:00'",
            "(@ + INTERVAL '1 day')",
            "(@ - INTERVAL '1 month')",
            "CAST(! AS TIMESTAMP)",
            "COALESCE(@, @)",
            "CASE WHEN ? THEN @ ELSE @ END",
            "TRY_CAST($ AS TIMESTAMP)",
            "STRPTIME('2026-01-31 10:00:00', '%Y-%m-%d %H:%M:%S')",
        ],
        Kind::Day => &[
            "day",
            "DATE '2026-01-31'",
            "(! + INTERVAL '1 month')",
            "CAST(@ AS DATE)",
            "COALESCE(!, !)",
            "DATE('2026-02-28')",
            "GREATEST(!, !)",
        ],
    }
}

fn expression(chance: &mut Chance, kind: Kind, depth: usize) -> String {
    // Now and then something of another kind.
    let kind = if chance.below(60) == 0 { KINDS[chance.below(KINDS.len())] } else { kind };
    let all = forms(kind);
    let form = if depth == 0 { all[chance.below(2)] } else { chance.of(all) };
    let mut written = String::new();
    let mut is_quoted = false;
    for letter in form.chars() {
        is_quoted ^= letter == '\'';
        let part = match letter {
            _ if is_quoted => None,
            '#' => Some(Kind::Number),
            // `~` between blanks and `~~` are operators.
            '~' if !form.contains(" ~ '") && !form.contains(" ~~ ") => Some(Kind::Float),
            '$' => Some(Kind::Text),
            '?' => Some(Kind::Truth),
            '@' => Some(Kind::Time),
            '!' => Some(Kind::Day),
            _ => None,
        };
        match part {
            Some(kind) => written.push_str(&expression(chance, kind, depth.saturating_sub(1))),
            None => written.push(letter),
        }
    }
    written
}

pub(super) fn batch() -> RecordBatch {
    let day = 86_400_000_000;
    RecordBatch::try_from_iter([
        ("number", Arc::new(Int64Array::from(vec![Some(6), Some(-1), None, Some(0), Some(7)])) as ArrayRef),
        ("amount", Arc::new(Float64Array::from(vec![Some(2.55), None, Some(-0.0), Some(7.25), Some(1e-9)])) as ArrayRef),
        ("rate", Arc::new(Float64Array::from(vec![2.834_5, 0.3, 3.0, 2.834_5, 0.5])) as ArrayRef),
        ("text", Arc::new(StringArray::from(vec![Some("tb-17"), None, Some("天猫"), Some(""), Some("2026-01-31 10:00:00")])) as ArrayRef),
        ("day", Arc::new(Date32Array::from(vec![Some(20_484), Some(0), None, Some(20_000), Some(-1)])) as ArrayRef),
        ("paid_at", Arc::new(TimestampMicrosecondArray::from(vec![20_484 * day, 0, -1, 20_485 * day - 1, day])) as ArrayRef),
        ("is_new", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true), Some(false)])) as ArrayRef),
    ])
    .unwrap()
}

pub(super) fn evaluated(text: &str, batch: &RecordBatch) -> Result<ArrayRef, String> {
    let mut expressions = Expressions::by_clock_of(TimeZone::UTC, true);
    let parsed = Expressions::parse(text).map_err(|refused| refused.cause)?;
    expressions.column_by_clock_of(TimeZone::UTC, true, 0, parsed);
    expressions.evaluate(batch, &[]).map(|evaluated| Arc::clone(&evaluated.columns[0].1))
}

/// Expressions that are tried.
const MOST: usize = 800;

#[test]
fn random_expressions_are_evaluated_row_by_row() {
    let batch = batch();
    let (mut chance, mut tried, mut valid) = (Chance(17), 0_u32, 0_u32);
    for number in 0..MOST {
        let text = expression(&mut chance, KINDS[number % KINDS.len()], 1 + number % 4);
        tried += 1;
        let started = Instant::now();
        let found = evaluated(&text, &batch);
        assert!(started.elapsed() < Duration::from_secs(30), "{text}");
        let together = match found {
            Ok(together) => together,
            Err(cause) => {
                assert!(!cause.contains("panics"), "{text}: {cause}");
                continue;
            }
        };
        valid += 1;
        // Polars checks fewer types where all rows are null.
        let alone: Result<Vec<ArrayRef>, String> = (0..batch.num_rows()).map(|row| evaluated(&text, &batch.slice(row, 1))).collect();
        let Ok(alone) = alone else { continue };
        let alone: Vec<&dyn Array> = alone.iter().map(AsRef::as_ref).collect();
        assert_eq!(format!("{together:?}"), format!("{:?}", concat(&alone).unwrap()), "{text}");
    }
    assert!(valid * 10 > tried * 7, "{valid} of {tried} are valid: the grammar tries refusals only");
}
