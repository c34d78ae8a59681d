//! Elementary functions whose last bits depend on the C library of a system: figures take them from `libm`, in pure Rust.

use std::fs;
use std::path::Path;

use super::chinese_messages::sources;

/// Functions of f64 that glibc 2.31 and 2.36 compute otherwise; `exp`, `ln`, `powf`, `sin` and `cos` they compute alike.
const FUNCTIONS: [&str; 18] = [
    ".ln_1p()",
    ".exp_m1()",
    ".hypot(",
    ".asin()",
    ".acos()",
    ".atan()",
    ".atan2(",
    ".log2()",
    ".log10()",
    ".log(",
    ".tan()",
    ".sinh()",
    ".cosh()",
    ".tanh()",
    ".asinh()",
    ".acosh()",
    ".atanh()",
    ".cbrt()",
];

#[test]
fn figures_do_not_depend_on_the_c_library() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 500, "{} files", files.len());
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.components().any(|part| part.as_os_str() == "tests")) {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            found.extend(
                FUNCTIONS.iter().filter(|name| line.contains(*name)).map(|name| format!("{}:{}: {name}", file.display(), number + 1)),
            );
        }
    }
    assert!(found.is_empty(), "use the function of libm: {found:#?}");
}
