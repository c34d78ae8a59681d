//! The files of the command line of AWS: `~/.aws/credentials` and `~/.aws/config`, of which a run reads one profile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What both files say of the profile that the environment names, credentials first. A file that is not there says nothing.
pub(super) fn of_environment(environment: &dyn Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    let profile = environment("AWS_PROFILE").or_else(|| environment("AWS_DEFAULT_PROFILE")).unwrap_or_else(|| "default".to_owned());
    let home = environment("HOME");
    let file = |variable: &str, name: &str| {
        environment(variable).map(PathBuf::from).or_else(|| Some(Path::new(home.as_ref()?).join(".aws").join(name)))
    };
    let text = |path: Option<PathBuf>| path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    let mut found = section(&text(file("AWS_CONFIG_FILE", "config")), &profile);
    found.extend(section(&text(file("AWS_SHARED_CREDENTIALS_FILE", "credentials")), &profile));
    found
}

/// The keys and values below `[name]`, or below `[profile name]` as in the file of settings.
fn section(text: &str, name: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut is_within = false;
    for line in text.lines() {
        // What is indented belongs to the key before.
        if line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        if let Some(title) = line.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let title = title.trim();
            is_within = title == name || title.strip_prefix("profile").is_some_and(|rest| rest.starts_with(' ') && rest.trim() == name);
        } else if let Some((key, value)) = line.split_once('=').filter(|_| is_within) {
            found.insert(key.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_of_the_environment_is_read() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        let credentials = "[default]\naws_access_key_id = A\naws_secret_access_key=s/=\n\n# [night]\n[night]\naws_access_key_id=N\n";
        std::fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
        let config = "[default]\nregion = eu-west-1\ns3 =\n  addressing_style = path\n[profile night]\nregion=cn-north-1\n";
        std::fs::write(home.path().join(".aws/config"), config).unwrap();
        let read = |profile: Option<&str>| {
            of_environment(&|name| match name {
                "HOME" => home.path().to_str().map(str::to_owned),
                "AWS_PROFILE" => profile.map(str::to_owned),
                _ => None,
            })
        };
        let found = read(None);
        assert_eq!((found["aws_access_key_id"].as_str(), found["aws_secret_access_key"].as_str()), ("A", "s/="));
        assert_eq!(found["region"], "eu-west-1");
        assert!(!found.contains_key("addressing_style"));
        let found = read(Some("night"));
        assert_eq!((found["aws_access_key_id"].as_str(), found["region"].as_str()), ("N", "cn-north-1"));
        assert!(!found.contains_key("aws_secret_access_key"));
        assert!(read(Some("absent")).is_empty());
    }
}
