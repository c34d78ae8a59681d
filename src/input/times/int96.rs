//! INT96: the times of Spark, Hive and Impala. The type has no unit that people chose and no zone; the file may say elsewhere whether its
//! values are moments.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ARROW_SCHEMA_META_KEY;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::basic::Type as PhysicalType;
use serde_json::Value;

/// The key of a footer under which Spark describes the columns.
const SPARK_COLUMNS: &str = "org.apache.spark.sql.parquet.row.metadata";
/// The key of a footer under which Spark writes its version.
const SPARK_VERSION: &str = "org.apache.spark.version";

/// The columns of a file, in which INT96 is read in microseconds: nanoseconds end in 2262 and begin anew in 1677. It has a zone where the
/// file says that it stores moments.
pub(in crate::input) fn in_microseconds(metadata: &ArrowReaderMetadata) -> SchemaRef {
    let schema = metadata.schema();
    let stored = Stored::new(metadata);
    let field = |(at, field): (usize, &Arc<Field>)| {
        if !stored.is_int96(at) {
            return Arc::clone(field);
        }
        let zone = match field.data_type() {
            DataType::Timestamp(_, Some(zone)) => Some(Arc::clone(zone)),
            _ => stored.holds_moments(field.name()).filter(|holds| *holds).map(|_| "UTC".into()),
        };
        Arc::new(field.as_ref().clone().with_data_type(DataType::Timestamp(TimeUnit::Microsecond, zone)))
    };
    let fields: Vec<Arc<Field>> = schema.fields().iter().enumerate().map(field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// Whether a column is INT96 and nothing in the file says whether it stores moments or what clocks showed.
pub(in crate::input) fn is_unclear(metadata: &ArrowReaderMetadata, at: usize) -> bool {
    let stored = Stored::new(metadata);
    let name = metadata.schema().fields().get(at).map(|field| field.name().as_str());
    stored.is_int96(at) && name.is_some_and(|name| stored.holds_moments(name).is_none())
}

/// What the footer of a file says.
struct Stored<'a> {
    metadata: &'a ArrowReaderMetadata,
    spark: Option<Value>,
}

impl<'a> Stored<'a> {
    fn new(metadata: &'a ArrowReaderMetadata) -> Self {
        let spark = value(metadata, SPARK_COLUMNS).and_then(|text| serde_json::from_str(text).ok());
        Stored { metadata, spark }
    }

    fn is_int96(&self, at: usize) -> bool {
        let fields = self.metadata.parquet_schema().root_schema().get_fields();
        fields.get(at).is_some_and(|field| field.is_primitive() && field.get_physical_type() == PhysicalType::INT96)
    }

    /// Whether a column of INT96 stores moments; `None` where the file does not say it.
    fn holds_moments(&self, name: &str) -> Option<bool> {
        // Arrow's own description, which the reader applied already: a time without a zone is what a clock showed.
        if value(self.metadata, ARROW_SCHEMA_META_KEY).is_some() {
            return Some(false);
        }
        let columns = self.spark.as_ref().and_then(|spark| spark.get("fields")?.as_array());
        let own = columns.and_then(|columns| columns.iter().find(|column| column.get("name").and_then(Value::as_str) == Some(name)));
        match own.and_then(|column| column.get("type")?.as_str()) {
            Some("timestamp") => Some(true),
            Some("timestamp_ntz") => Some(false),
            // Spark stores nothing but moments in INT96.
            _ => value(self.metadata, SPARK_VERSION).map(|_| true),
        }
    }
}

/// The value of a key of the footer.
fn value<'a>(metadata: &'a ArrowReaderMetadata, key: &str) -> Option<&'a str> {
    let pairs = metadata.metadata().file_metadata().key_value_metadata()?;
    pairs.iter().find(|pair| pair.key == key)?.value.as_deref()
}
