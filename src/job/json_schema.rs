//! The JSON Schema of job, rule, strategy and stage files, for editors and other tools that check files before huitou does.

use serde_json::{Map, Value, json};

use super::Catalogue;
use super::keys::{self, Items, Key, Numbers, Presence, Shape};
use super::rule_keys::{self, ANNUAL_TARGET, SHOP_METRICS_PREFIX};
use super::{stage_keys, strategy_keys};
use crate::spec::Lang;

/// A kind of file that people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FileKind {
    /// The file that `huitou run` reads.
    Job,
    /// A file that a job names under `assessments`.
    Rules,
    /// A file that a job names under `strategies`.
    Strategy,
    /// The file that a job names under `stages`.
    Stages,
}

impl FileKind {
    /// All kinds.
    pub const ALL: [FileKind; 4] = [FileKind::Job, FileKind::Rules, FileKind::Strategy, FileKind::Stages];

    /// The keys at the top of such a file.
    pub fn keys(self) -> &'static [Key] {
        match self {
            FileKind::Job => keys::JOB,
            FileKind::Rules => rule_keys::RULE,
            FileKind::Strategy => strategy_keys::STRATEGY,
            FileKind::Stages => stage_keys::STAGES,
        }
    }

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            FileKind::Job => "job file",
            FileKind::Rules => "rule file",
            FileKind::Strategy => "strategy file",
            FileKind::Stages => "stage file",
        }
    }
}

/// The schema (JSON Schema 2020-12) of a kind of file, with descriptions in a language. It does not check names of other files, SQL
/// expressions, and keys that depend on each other; huitou does.
pub fn json_schema(kind: FileKind, catalogue: &Catalogue, lang: Lang) -> Value {
    let mut schema = Writer { catalogue, lang }.mapping(kind.keys());
    let head = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "title": format!("huitou: {}", kind.title()) });
    if let (Value::Object(head), Value::Object(body)) = (head, &mut schema) {
        *body = head.into_iter().chain(std::mem::take(body)).collect();
    }
    schema
}

/// A date as a regular expression. It does not check the lengths of months; huitou does.
const DATE: &str = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";

struct Writer<'a> {
    catalogue: &'a Catalogue,
    lang: Lang,
}

impl Writer<'_> {
    /// A mapping with exactly these keys.
    fn mapping(&self, keys: &[Key]) -> Value {
        let required: Vec<&str> = keys.iter().filter(|key| key.presence == Presence::Required).map(|key| key.name).collect();
        let mut properties = Map::new();
        for key in keys {
            properties.insert(key.name.to_owned(), self.key(key));
        }
        let mut mapping = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        if let (false, Value::Object(mapping)) = (required.is_empty(), &mut mapping) {
            mapping.insert("required".to_owned(), json!(required));
        }
        mapping
    }

    /// The name of a result table. The lists of strategies are tables too; the job names them.
    fn table(&self) -> Value {
        json!({ "anyOf": [{ "enum": self.catalogue.tables }, { "type": "string", "pattern": "^audience_[a-z0-9_]+$" }] })
    }

    fn key(&self, key: &Key) -> Value {
        let mut described = Map::new();
        described.insert("description".to_owned(), json!(self.lang.text(key.doc)));
        if let Presence::Default(written) = key.presence {
            described.insert("default".to_owned(), default(written));
        }
        if let Value::Object(shape) = self.shape(&key.shape) {
            described.extend(shape);
        }
        Value::Object(described)
    }

    fn shape(&self, shape: &Shape) -> Value {
        match shape {
            // A number is read as the text that is written.
            Shape::Text => json!({ "type": ["string", "number"], "minLength": 1 }),
            Shape::Name => json!({ "type": "string", "pattern": "^[a-z0-9_]{1,100}$" }),
            Shape::Path | Shape::File(_) | Shape::Timezone | Shape::Metric => json!({ "type": "string", "minLength": 1 }),
            Shape::Currency => json!({ "type": "string", "pattern": "^[A-Z]{3}$" }),
            Shape::Condition => json!({ "type": ["string", "boolean"], "minLength": 1 }),
            Shape::AsOf => json!({ "type": "string", "pattern": format!("^(yesterday|{DATE})$") }),
            Shape::Date => json!({ "type": "string", "pattern": format!("^{DATE}$") }),
            Shape::Integer { from, to } => json!({ "type": "integer", "minimum": from, "maximum": to }),
            Shape::Days { from, to } => {
                json!({ "anyOf": [{ "type": "string", "pattern": "^[0-9]+d$" }, { "type": "integer", "minimum": from, "maximum": to }] })
            }
            Shape::Number { from, to } => json!({ "type": "number", "minimum": from, "maximum": to }),
            Shape::Measure(numbers) => measure(*numbers),
            Shape::ByCategory(numbers) => {
                json!({ "anyOf": [measure(*numbers), { "type": "object", "minProperties": 1, "additionalProperties": measure(*numbers) }] })
            }
            // `true` and `false` are flags in YAML, not texts.
            Shape::Choice(words) => json!({ "enum": words.iter().map(|word| default(word)).collect::<Vec<_>>() }),
            Shape::Choices(words) => one_or_list(json!({ "enum": words })),
            Shape::AnyChoices(words) => {
                let word = json!({ "enum": words });
                json!({ "anyOf": [word, { "type": "array", "items": word, "uniqueItems": true }] })
            }
            Shape::Integers { from, to, items } => {
                let mut list =
                    json!({ "type": "array", "items": { "type": "integer", "minimum": from, "maximum": to }, "uniqueItems": true });
                if let (Items::FourAscending, Value::Object(list)) = (items, &mut list) {
                    list.extend([("minItems".to_owned(), json!(4)), ("maxItems".to_owned(), json!(4))]);
                }
                list
            }
            Shape::Amount => json!({ "type": "number", "minimum": 0 }),
            Shape::Amounts(Items::FourAscending) => {
                json!({ "type": "array", "items": { "type": "number", "minimum": 0 }, "minItems": 4, "maxItems": 4 })
            }
            Shape::Amounts(_) => json!({ "type": "array", "items": { "type": "number", "minimum": 0 }, "uniqueItems": true }),
            Shape::Dimensions => json!({ "type": "array", "items": { "enum": self.catalogue.dimensions }, "uniqueItems": true }),
            Shape::StageMetrics => json!({ "type": "array", "items": { "enum": self.catalogue.stage_metrics }, "uniqueItems": true }),
            Shape::Tables => {
                let table = self.table();
                json!({ "anyOf": [{ "const": "all" }, { "type": "array", "items": table, "minItems": 1, "uniqueItems": true }] })
            }
            Shape::TableNames => json!({ "type": "array", "items": self.table(), "uniqueItems": true }),
            Shape::Files(_) => json!({ "type": "array", "items": { "type": "string", "minLength": 1 } }),
            Shape::Ordering => one_or_list(json!({ "type": "string", "minLength": 1 })),
            Shape::ThresholdColumn => {
                json!({ "type": "string", "pattern": format!("^({ANNUAL_TARGET}|{SHOP_METRICS_PREFIX}.+)$").replace('.', "\\.").replace("\\.+", ".+") })
            }
            Shape::ByMetric(keys) => json!({ "type": "object", "minProperties": 1, "additionalProperties": self.mapping(keys) }),
            Shape::Levels => json!({ "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" } }),
            Shape::List(keys) => json!({ "type": "array", "minItems": 1, "items": self.mapping(keys) }),
            Shape::Section(keys) => or_null(self.mapping(keys)),
            Shape::SectionOr(keys, word) => json!({ "anyOf": [{ "const": word }, or_null(self.mapping(keys))] }),
            Shape::Columns => json!({ "type": "object", "additionalProperties": { "type": "string", "minLength": 1 } }),
            Shape::Times => {
                let clock = json!({ "type": "string", "minLength": 1 });
                json!({ "anyOf": [clock, { "type": ["object", "null"], "additionalProperties": clock }] })
            }
            Shape::Statuses(meanings) => {
                let names: Vec<&str> = meanings.iter().map(|meaning| meaning.name()).collect();
                json!({ "type": "object", "additionalProperties": { "enum": names } })
            }
            Shape::Inputs => self.inputs(),
        }
    }

    fn inputs(&self) -> Value {
        let mut properties = Map::new();
        for name in self.catalogue.input_names() {
            let mut below = self.mapping(keys::input_keys(name));
            let columns: Map<String, Value> = self
                .catalogue
                .columns(name)
                .iter()
                .map(|column| ((*column).to_owned(), json!({ "type": "string", "minLength": 1 })))
                .collect();
            if let Some(Value::Object(mapping)) = below.pointer_mut("/properties/columns") {
                mapping.insert("properties".to_owned(), Value::Object(columns));
                mapping.insert("additionalProperties".to_owned(), json!(false));
            }
            properties.insert(name.to_owned(), json!({ "anyOf": [{ "type": "string", "minLength": 1 }, below] }));
        }
        json!({ "type": "object", "properties": properties, "additionalProperties": false, "required": [keys::REQUIRED_INPUT] })
    }
}

/// A section without required keys may be empty.
fn or_null(mapping: Value) -> Value {
    let Value::Object(mut mapping) = mapping else { return mapping };
    mapping.insert("type".to_owned(), json!(["object", "null"]));
    Value::Object(mapping)
}

fn one_or_list(item: Value) -> Value {
    json!({ "anyOf": [item, { "type": "array", "items": item, "minItems": 1, "uniqueItems": true }] })
}

fn measure(numbers: Numbers) -> Value {
    match numbers {
        Numbers::Any => json!({ "type": "number" }),
        Numbers::Part => json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 }),
        Numbers::PartOrAll => json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1 }),
        Numbers::PartOrNone => json!({ "type": "number", "minimum": 0, "exclusiveMaximum": 1 }),
    }
}

/// A default as it would be written in YAML: a number, a list of words, or a word.
fn default(written: &str) -> Value {
    if let Ok(value) = serde_json::from_str(written) {
        return value;
    }
    match written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(words) => words.split(',').map(str::trim).filter(|word| !word.is_empty()).map(Value::from).collect(),
        None => json!(written),
    }
}
