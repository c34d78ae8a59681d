//! `--set key.key=value`: options of the command line that replace values of the job file.

use super::tree::{self, Entry, Fault, Node, SourceLocation, Value};

/// The key that an option sets, as written.
pub(super) fn key_of(option: &str) -> String {
    option.split_once('=').map_or(option, |(key, _)| key).trim().to_owned()
}

/// Sets the value of option `number` in the tree, and creates the mappings above it that are missing.
pub(super) fn apply(root: &mut Node, option: &str, number: usize) -> Result<(), Vec<Fault>> {
    let place = SourceLocation::Set(number);
    let fault = |message: String, help: &'static str| vec![Fault { place, message, help }];
    let Some((path, text)) = option.split_once('=') else {
        return Err(fault("has no `=`".to_owned(), "write --set KEY=VALUE, such as --set params.max_nth=20"));
    };
    let keys: Vec<&str> = path.split('.').map(str::trim).collect();
    if keys.iter().any(|key| key.is_empty()) {
        return Err(fault("has an empty key".to_owned(), "write --set KEY=VALUE, such as --set params.max_nth=20"));
    }
    let value = tree::parse(text, &|_, _| place)?;
    let mut node = root;
    for (depth, key) in keys.iter().enumerate() {
        // An input that is only a path becomes a mapping with the key `path`.
        if depth == 2 && keys.first() == Some(&"inputs") && node.text().is_some() {
            let entry = Entry { key: "path".to_owned(), place: node.place, node: node.clone() };
            node.value = Value::Mapping(vec![entry]);
        }
        if node.is_nothing() {
            node.value = Value::Mapping(Vec::new());
        }
        let Value::Mapping(entries) = &mut node.value else {
            let above = keys.get(..depth).unwrap_or_default().join(".");
            return Err(fault(format!("goes through `{above}`, which is not a mapping"), ""));
        };
        let position = match entries.iter().position(|entry| entry.key == *key) {
            Some(position) => position,
            None => {
                let nothing = Value::Scalar { text: String::new(), quoted: false };
                entries.push(Entry { key: (*key).to_owned(), place, node: Node { place, value: nothing } });
                entries.len() - 1
            }
        };
        node = &mut entries[position].node;
    }
    *node = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(line: usize, column: usize) -> SourceLocation {
        SourceLocation::File { line, column }
    }

    /// The tree after the option, without places.
    fn set(yaml: &str, option: &str) -> String {
        let mut root = tree::parse(yaml, &file).unwrap();
        match apply(&mut root, option, 0) {
            Ok(()) => text(&root),
            Err(faults) => faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("; "),
        }
    }

    fn text(node: &Node) -> String {
        match &node.value {
            Value::Scalar { text, .. } => text.clone(),
            Value::List(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(",")),
            Value::Mapping(entries) => {
                format!("{{{}}}", entries.iter().map(|entry| format!("{}:{}", entry.key, text(&entry.node))).collect::<Vec<_>>().join(","))
            }
        }
    }

    #[test]
    fn values_are_replaced_or_created() {
        assert_eq!(set("a: {b: 1, c: 2}", "a.b=3"), "{a:{b:3,c:2}}");
        assert_eq!(set("a: 1", "x.y.z=[p, q]"), "{a:1,x:{y:{z:[p,q]}}}");
        assert_eq!(set("a:\n", "a.b={c: d}"), "{a:{b:{c:d}}}");
        assert_eq!(set("", " a . b = 5 "), "{a:{b:5}}");
        assert_eq!(set("a: 1", "a="), "{a:}");
        assert_eq!(set("a: 1", "a=x=y"), "{a:x=y}");
        assert_eq!(set("inputs: {traffic: data/t}", "inputs.traffic.money=minor"), "{inputs:{traffic:{path:data/t,money:minor}}}");
    }

    #[test]
    fn options_that_cannot_be_understood() {
        assert_eq!(set("a: 1", "a"), "has no `=`");
        assert_eq!(set("a: 1", "=1"), "has an empty key");
        assert_eq!(set("a: 1", "a..b=1"), "has an empty key");
        assert_eq!(set("a: [1]", "a.b=1"), "goes through `a`, which is not a mapping");
        assert!(set("a: 1", "a=[1").starts_with("is not valid YAML"));
    }

    #[test]
    fn what_an_option_sets_has_its_place() {
        let mut root = tree::parse("a: {b: 1}", &file).unwrap();
        apply(&mut root, "a.c=2", 7).unwrap();
        let Value::Mapping(entries) = &root.value else { panic!() };
        let Value::Mapping(inner) = &entries[0].node.value else { panic!() };
        assert_eq!((entries[0].place, inner[0].place), (file(1, 1), file(1, 5)));
        assert_eq!((inner[1].place, inner[1].node.place), (SourceLocation::Set(7), SourceLocation::Set(7)));
    }
}
