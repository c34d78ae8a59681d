//! Hive partitions: folders that are columns of the files below them.

/// How writers spell a null in the name of a partition.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The `key=value` folders of a label, outermost first.
pub(super) fn partitions(label: &str) -> Vec<(String, Option<String>)> {
    let folders = label.rsplit_once('/').map_or("", |(folders, _)| folders);
    let keys_and_values = folders.split('/').filter_map(|folder| folder.split_once('=')).filter(|(key, _)| !key.is_empty());
    keys_and_values.map(|(key, value)| (unescape(key), (value != NULL).then(|| unescape(value)))).collect()
}

/// Decodes `%XX`, by which Hive writes characters that file systems do not allow.
fn unescape(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut position = 0;
    while let Some(&byte) = bytes.get(position) {
        let code = value.get(position + 1..position + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) if byte == b'%' => {
                plain.push(code);
                position += 3;
            }
            _ => {
                plain.push(byte);
                position += 1;
            }
        }
    }
    String::from_utf8(plain).unwrap_or_else(|_| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partition_values_escaped_and_null() {
        assert_eq!(unescape("a%3Db%20c"), "a=b c");
        assert_eq!(unescape("50%"), "50%");
        assert_eq!(unescape("%E5%A4%A9"), "天");
        let of = |label| partitions(label).into_iter().map(|(key, value)| format!("{key}={value:?}")).collect::<Vec<_>>();
        assert_eq!(of("o/dt=__HIVE_DEFAULT_PARTITION__/%E5%BA%97=1/x"), ["dt=None", "店=Some(\"1\")"]);
    }
}
