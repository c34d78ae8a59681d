//! A job file, or one that it names, as written: a tree of mappings, lists and scalars with the line and column of every key and value.

use std::collections::BTreeMap;

use serde_yaml::granit_parser::{Event, Options, Parser, ScalarStyle, Span, Tag};

/// Where a key or value was written. The order is that of messages: the file from the top, then the options, then the files that it
/// names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SourceLocation {
    /// In the job file; both count from 1, the column in characters.
    File { line: usize, column: usize },
    /// In the `--set` option of that number.
    Set(usize),
    /// In the rule or strategy file of that number, in the order in which they are read; line and column as in the job file.
    Named { file: usize, line: usize, column: usize },
}

/// A value and where it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub place: SourceLocation,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// The text is kept as it was written, so that an id keeps its zeros and an amount its digits.
    Scalar {
        text: String,
        quoted: bool,
    },
    List(Vec<Node>),
    /// In the order of the file, repeated keys included.
    Mapping(Vec<Entry>),
}

/// A key of a mapping and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub key: String,
    pub place: SourceLocation,
    pub node: Node,
}

/// A fault of the text as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub place: SourceLocation,
    pub message: String,
    pub help: &'static str,
}

/// The largest number of keys and values. The limit stops aliases of aliases from filling the memory.
const MOST_NODES: usize = 20_000;

impl Node {
    /// Whether the value is empty: no text, `~` or `null`.
    pub fn is_nothing(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, quoted: false } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The text of a scalar that is not empty.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } if !self.is_nothing() => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar without quotes, which may be a number.
    pub fn plain(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, quoted: false } if !self.is_nothing() => Some(text),
            _ => None,
        }
    }

    fn size(&self) -> usize {
        1 + match &self.value {
            Value::Scalar { .. } => 0,
            Value::List(items) => items.iter().map(Node::size).sum(),
            Value::Mapping(entries) => entries.iter().map(|entry| entry.node.size()).sum(),
        }
    }
}

/// Reads one YAML document. `locate` turns line and column, both from 1, into a location. Empty text is an empty value, not a fault.
pub(super) fn parse(text: &str, locate: &dyn Fn(usize, usize) -> SourceLocation) -> Result<Node, Vec<Fault>> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.emit_unresolved_aliases = true;
    let mut builder = Builder::new(locate);
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let line = error.marker().line().max(1);
                let help = syntax_help(&error.info(), text.lines().nth(line - 1).unwrap_or_default());
                builder.fault(locate(line, error.marker().col() + 1), format!("is not valid YAML: {}", error.info()), help);
                return Err(builder.faults);
            }
        }
        if builder.is_too_big() {
            return Err(builder.faults);
        }
    }
    if !builder.faults.is_empty() {
        return Err(builder.faults);
    }
    let nothing = Value::Scalar { text: String::new(), quoted: false };
    Ok(builder.root.unwrap_or(Node { place: locate(1, 1), value: nothing }))
}

fn syntax_help(message: &str, line: &str) -> &'static str {
    if message.split(|character: char| !character.is_alphabetic()).any(|word| matches!(word, "tab" | "tabs")) {
        "indent with spaces"
    } else if line.contains("${") {
        "within { } and [ ], put text with `${…}` into quotes"
    } else {
        ""
    }
}

/// A collection that is not yet complete.
struct Open {
    place: SourceLocation,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: PendingKey },
}

/// The key of the next entry of a mapping.
enum PendingKey {
    Awaited,
    Read(String, SourceLocation),
    /// The key has a fault; the value that follows is dropped.
    Faulty,
}

struct Builder<'a> {
    locate: &'a dyn Fn(usize, usize) -> SourceLocation,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    faults: Vec<Fault>,
}

impl<'a> Builder<'a> {
    fn new(locate: &'a dyn Fn(usize, usize) -> SourceLocation) -> Self {
        Builder { locate, open: Vec::new(), root: None, documents: 0, anchors: BTreeMap::new(), nodes: 0, faults: Vec::new() }
    }

    fn fault(&mut self, place: SourceLocation, message: impl Into<String>, help: &'static str) {
        self.faults.push(Fault { place, message: message.into(), help });
    }

    fn is_too_big(&mut self) -> bool {
        let is_too_big = self.nodes > MOST_NODES;
        if is_too_big {
            self.fault((self.locate)(1, 1), format!("has more than {MOST_NODES} keys and values"), "is this the right file?");
        }
        is_too_big
    }

    fn event(&mut self, event: Event<'_>, span: Span) {
        let place = (self.locate)(span.start.line().max(1), span.start.col() + 1);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.fault(place, "starts a second YAML document", "write one document: remove the line `---`");
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = self.is_tagged_as_text(tag.as_deref(), place);
                let value = Value::Scalar { text: text.into_owned(), quoted: is_text || style != ScalarStyle::Plain };
                self.complete(anchor, Node { place, value });
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.is_tagged_as_text(tag.as_deref(), place);
                self.open.push(Open { place, anchor, content: Content::List(Vec::new()) });
            }
            Event::MappingStart(_, anchor, tag) => {
                self.is_tagged_as_text(tag.as_deref(), place);
                self.open.push(Open { place, anchor, content: Content::Mapping { entries: Vec::new(), key: PendingKey::Awaited } });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open { place, anchor, content }) = self.open.pop() {
                    let value = match content {
                        Content::List(items) => Value::List(items),
                        Content::Mapping { entries, .. } => Value::Mapping(entries),
                    };
                    self.complete(anchor, Node { place, value });
                }
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor).cloned() {
                Some(node) => {
                    self.nodes += node.size();
                    self.complete(0, node);
                }
                None => self.broken_alias(place, "is an alias of a value that contains it".to_owned()),
            },
            Event::UnresolvedAlias(name) => {
                self.broken_alias(place, format!("is an alias of `{name}`, which no `&{name}` before it names"))
            }
            _ => {}
        }
    }

    fn broken_alias(&mut self, place: SourceLocation, message: String) {
        self.fault(place, message, "put text that starts with `*` into quotes");
        self.complete(0, Node { place, value: Value::Scalar { text: String::new(), quoted: false } });
    }

    fn is_tagged_as_text(&mut self, tag: Option<&Tag>, place: SourceLocation) -> bool {
        match tag {
            None => false,
            Some(tag) if tag.core_suffix() == Some("str") || tag.original() == "!" => true,
            Some(tag) if tag.is_yaml_core_schema() => false,
            Some(tag) => {
                self.fault(place, format!("has the YAML tag `{}`", tag.original()), "tags have no meaning here: remove it");
                false
            }
        }
    }

    /// Adds a complete value to the enclosing collection, or makes it the root.
    fn complete(&mut self, anchor: usize, mut node: Node) {
        self.nodes += 1;
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None if self.documents > 1 => {}
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Mapping { entries, key }) => match std::mem::replace(key, PendingKey::Awaited) {
                PendingKey::Faulty => {}
                PendingKey::Read(name, place) => {
                    // An empty value has no location: the parser reports that of the next token.
                    if node.is_nothing() {
                        node.place = place;
                    }
                    entries.push(Entry { key: name, place, node });
                }
                PendingKey::Awaited => match node.value {
                    Value::Scalar { text, .. } => *key = PendingKey::Read(text, node.place),
                    _ => {
                        *key = PendingKey::Faulty;
                        self.fault(
                            node.place,
                            "has a list or a mapping where a key should be",
                            "put a key that starts with `{`, `[` or `?` into quotes",
                        );
                    }
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(line: usize, column: usize) -> SourceLocation {
        SourceLocation::File { line, column }
    }

    fn faults(text: &str) -> Vec<(SourceLocation, String)> {
        parse(text, &file).unwrap_err().into_iter().map(|fault| (fault.place, fault.message)).collect()
    }

    fn entry<'a>(node: &'a Node, key: &str) -> &'a Entry {
        let Value::Mapping(entries) = &node.value else { panic!("{node:?}") };
        entries.iter().find(|entry| entry.key == key).unwrap()
    }

    #[test]
    fn places_count_characters_from_one() {
        let root = parse("# 说明\n作业: 夜间\ninputs:\n  orders: { path: \"订单\", columns: { 订单: [a, b] } }\n", &file).unwrap();
        assert_eq!(entry(&root, "作业").place, file(2, 1));
        assert_eq!(entry(&root, "作业").node.place, file(2, 5));
        let inputs = &entry(&root, "inputs").node;
        assert_eq!(inputs.place, file(4, 3));
        let orders = entry(inputs, "orders");
        assert_eq!((orders.place, orders.node.place), (file(4, 3), file(4, 11)));
        assert_eq!(entry(&orders.node, "path").node.place, file(4, 19));
        assert_eq!(entry(&orders.node, "columns").place, file(4, 25));
        let list = &entry(&entry(&orders.node, "columns").node, "订单").node;
        let Value::List(items) = &list.value else { panic!("{list:?}") };
        assert_eq!((list.place, items[1].place), (file(4, 40), file(4, 44)));
    }

    #[test]
    fn scalars_keep_their_text_and_nothing_stands_at_its_key() {
        let root = parse("a: 0012\nb: \"12\"\nc:\n# c has no value\nd: ~\ne: !!str 7\nf: ''\n", &file).unwrap();
        assert_eq!(entry(&root, "a").node.plain(), Some("0012"));
        assert_eq!((entry(&root, "b").node.plain(), entry(&root, "b").node.text()), (None, Some("12")));
        assert!(entry(&root, "c").node.is_nothing());
        assert_eq!(entry(&root, "c").node.place, file(3, 1));
        assert!(entry(&root, "d").node.is_nothing());
        assert_eq!((entry(&root, "e").node.plain(), entry(&root, "e").node.text()), (None, Some("7")));
        assert_eq!(entry(&root, "f").node.text(), Some(""));
        assert!(parse("", &file).unwrap().is_nothing());
        assert!(parse("# only a comment\n", &file).unwrap().is_nothing());
    }

    #[test]
    fn aliases_repeat_their_value() {
        let root = parse("a: &x [1, 2]\nb: *x\n", &file).unwrap();
        assert_eq!(entry(&root, "a").node, entry(&root, "b").node);
    }

    #[test]
    fn faults_have_their_place() {
        assert_eq!(faults("a: *x\nb: *y\n").iter().map(|fault| fault.0).collect::<Vec<_>>(), [file(1, 4), file(2, 4)]);
        assert_eq!(faults("a: &x [*x]\n"), [(file(1, 8), "is an alias of a value that contains it".to_owned())]);
        assert_eq!(faults("a: 1\n---\nb: 2\n"), [(file(2, 1), "starts a second YAML document".to_owned())]);
        assert_eq!(faults("a: !include b.yaml\n")[0].1, "has the YAML tag `!include`");
        assert_eq!(faults("[a]: 1\nb: 2\n"), [(file(1, 1), "has a list or a mapping where a key should be".to_owned())]);
        assert_eq!(faults("a: [1, 2\nb: 3\n").len(), 1);
    }

    #[test]
    fn aliases_of_aliases_do_not_fill_the_memory() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let below = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert_eq!(faults(&text), [(file(1, 1), "has more than 20000 keys and values".to_owned())]);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[\\PC\\n\\t]{0,80}") {
            let _ = parse(&text, &file);
        }

        #[test]
        fn no_yaml_like_text_panics(parts in prop::collection::vec(prop::sample::select(vec![
            "a", ": ", "- ", "\n", "  ", "[", "]", "{", "}", ",", "&x ", "*x", "!!str ", "!t ", "? ", "|", ">", "\"", "'", "#", "---\n", "...", "%", "\t", "中", "~", "<<", "\u{feff}", "\0",
        ]), 0..40)) {
            let _ = parse(&parts.concat(), &file);
        }
    }
}
