//! Connection strings of PostgreSQL, in both of libpq's forms: `postgresql://user:password@host/database?sslmode=require` and
//! `host=… user=… password=…`. Messages are fixed texts, which cannot contain a part of the password.

use std::fmt;
use std::path::PathBuf;

/// A text that is never shown: its `Debug` hides it, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, only for the server.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Whether a connection is encrypted, and whether the certificate is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Never encrypted: `sslmode=disable`.
    Disable,
    /// Encrypted if the server supports it, with any certificate: `sslmode=prefer`, the default.
    Prefer,
    /// Always encrypted, with a certificate from a known authority for the host's name: `require`, `verify-ca` and `verify-full`.
    Require,
}

/// A PostgreSQL database and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The host's name or address; a path is the folder of the server's Unix socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The user who logs in.
    pub user: String,
    /// The user's password, if one is given.
    pub password: Option<Secret>,
    /// Whether the connection is encrypted.
    pub encryption: Encryption,
    /// A file with the certificates of the authorities to trust; by default those of the system.
    pub authorities: Option<PathBuf>,
    /// The name of the connection in `pg_stat_activity`.
    pub application: String,
    /// Settings of the session, as libpq's `options` has them.
    pub options: Option<String>,
    /// Seconds to wait for a connection; 0 for the limit of the operating system.
    pub connect_seconds: u64,
}

impl fmt::Display for Connection {
    /// Database, address and user, without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Connection { host, port, database, user, .. } = self;
        match host.contains(':') {
            true => write!(f, "database {database} at [{host}]:{port} as {user}"),
            false => write!(f, "database {database} at {host}:{port} as {user}"),
        }
    }
}

/// The folder of the server's socket on Debian.
const SOCKET_FOLDER: &str = "/var/run/postgresql";

const ENCODE: &str = "cannot be read: in a URL, write special characters of user and password in hex digits (`@` is %40, `/` %2F, `:` %3A, `?` %3F, `#` %23, `%` %25)";
const UNKNOWN: &str = "has a keyword that huitou does not know: host, port, dbname, user, password, sslmode, sslrootcert, application_name, options and connect_timeout are";

/// The keywords of a connection string, without defaults.
#[derive(Default)]
struct Keywords {
    pairs: Vec<(&'static str, String)>,
}

/// The keywords of libpq that huitou knows.
const KEYWORDS: [&str; 10] =
    ["host", "port", "dbname", "user", "password", "sslmode", "sslrootcert", "application_name", "options", "connect_timeout"];

impl Keywords {
    fn set(&mut self, keyword: &str, value: String) -> Result<(), &'static str> {
        let keyword = KEYWORDS.into_iter().find(|known| *known == keyword).ok_or(UNKNOWN)?;
        if value.contains('\0') {
            return Err(ENCODE);
        }
        self.pairs.retain(|(before, _)| *before != keyword);
        // As in libpq, an empty value counts as missing.
        if !value.is_empty() {
            self.pairs.push((keyword, value));
        }
        Ok(())
    }

    fn take(&mut self, keyword: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(own, _)| *own == keyword)?;
        Some(self.pairs.swap_remove(at).1)
    }
}

/// Whether a connection string contains a password.
pub(super) fn has_password(text: &str) -> bool {
    written(text).is_ok_and(|mut written| written.take("password").is_some())
}

impl Connection {
    /// Reads a connection string. Keywords that it lacks come from the variables `PGPASSWORD`, `PGSSLMODE` and `PGSSLROOTCERT`, as in
    /// other programs.
    ///
    /// # Errors
    /// The fault, as text after the name of the key; never a part of the string.
    pub(super) fn parse(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Connection, &'static str> {
        let mut written = written(text)?;
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let host = written.take("host").unwrap_or_else(|| SOCKET_FOLDER.to_owned());
        if host.contains(',') {
            return Err("names several hosts: name the one that accepts writes");
        }
        if host.contains(|letter: char| letter == '@' || letter.is_whitespace() || letter.is_control()) {
            return Err(ENCODE);
        }
        let number = |text: Option<String>, default: u64, wrong| text.map_or(Ok(default), |text| text.trim().parse().map_err(|_| wrong));
        let port = number(
            written.take("port"),
            5432,
            "has a port that is not a number: is there an `@`, `:` or `/` of a password before it? Write %40, %3A, %2F for them",
        )?;
        let user = written.take("user").ok_or("names no user: postgresql://USER:PASSWORD@HOST/DATABASE")?;
        let encryption = match written.take("sslmode").or_else(|| variable("PGSSLMODE")).as_deref() {
            Some("disable") => Encryption::Disable,
            None | Some("prefer") => Encryption::Prefer,
            Some("require" | "verify-ca" | "verify-full") => Encryption::Require,
            Some(_) => return Err("has an `sslmode` that huitou does not know: disable, prefer, require and verify-full are"),
        };
        Ok(Connection {
            port: u16::try_from(port).ok().filter(|port| *port > 0).ok_or("has a port outside 1 to 65535")?,
            database: written.take("dbname").unwrap_or_else(|| user.clone()),
            user,
            password: written.take("password").or_else(|| variable("PGPASSWORD")).map(Secret),
            // A connection by a socket of the same machine does not cross a network.
            encryption: if host.starts_with('/') { Encryption::Disable } else { encryption },
            host,
            authorities: written
                .take("sslrootcert")
                .or_else(|| variable("PGSSLROOTCERT"))
                .filter(|file| file != "system")
                .map(PathBuf::from),
            application: written.take("application_name").unwrap_or_else(|| "huitou".to_owned()),
            options: written.take("options"),
            connect_seconds: number(written.take("connect_timeout"), 10, "has a `connect_timeout` that is not a number of seconds")?,
        })
    }
}

fn written(text: &str) -> Result<Keywords, &'static str> {
    let text = text.trim();
    match text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://")) {
        Some(rest) => url(rest),
        // What stands before a value, which may be a password with these letters, has an `=`.
        None if text.split_once("://").is_some_and(|(before, _)| !before.contains('=')) => {
            Err("is not a URL of PostgreSQL: it begins with `postgresql://`")
        }
        None => keywords(text),
    }
}

/// Parses `user:password@host:port/database?keyword=value`, the part after the scheme.
fn url(text: &str) -> Result<Keywords, &'static str> {
    let mut written = Keywords::default();
    let (before, query) = text.split_once('?').unwrap_or((text, ""));
    let (authority, database) = before.split_once('/').unwrap_or((before, ""));
    // An `@` after the host belongs to a password with a `/` or `?`.
    if database.contains('@') || query.contains('@') || text.contains('#') {
        return Err(ENCODE);
    }
    let (credentials, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) if rest.is_empty() || rest.starts_with(':') => (address, rest.trim_start_matches(':')),
        Some(_) => return Err(ENCODE),
        None => place.split_once(':').unwrap_or((place, "")),
    };
    for (keyword, value) in [("user", user), ("password", password), ("host", host), ("port", port), ("dbname", database)] {
        written.set(keyword, decoded(value)?)?;
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (keyword, value) = pair.split_once('=').ok_or(ENCODE)?;
        written.set(&decoded(keyword)?, decoded(value)?)?;
    }
    Ok(written)
}

/// Decodes `%40` and the like.
fn decoded(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16)).ok_or(ENCODE);
        bytes.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(bytes).map_err(|_| ENCODE)
}

/// Parses `keyword = value …`; values with blanks are in `'`, with `\` before `'` and `\`.
fn keywords(text: &str) -> Result<Keywords, &'static str> {
    const SHAPE: &str = "cannot be read: it is a URL postgresql://USER:PASSWORD@HOST/DATABASE or `host=… user=… password='…'`, with `\\` before `'` and `\\`";
    let mut written = Keywords::default();
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if(|letter| letter.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Ok(written);
        }
        let mut keyword = String::new();
        while let Some(letter) = rest.next_if(|letter| letter.is_ascii_alphanumeric() || *letter == '_') {
            keyword.push(letter);
        }
        while rest.next_if(|letter| letter.is_whitespace()).is_some() {}
        if rest.next() != Some('=') {
            return Err(SHAPE);
        }
        while rest.next_if(|letter| letter.is_whitespace()).is_some() {}
        let is_quoted = rest.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match rest.next() {
                Some('\\') => value.push(rest.next().ok_or(SHAPE)?),
                Some('\'') if is_quoted => break,
                None if is_quoted => return Err(SHAPE),
                Some(letter) if is_quoted || !letter.is_whitespace() => value.push(letter),
                _ => break,
            }
        }
        written.set(&keyword, value)?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Connection, &'static str> {
        Connection::parse(text, &|_| None)
    }

    fn parts(text: &str) -> (String, u16, String, String, Option<String>) {
        let found = parse(text).unwrap();
        (found.host, found.port, found.database, found.user, found.password.map(|password| password.0))
    }

    fn expected(
        host: &str,
        port: u16,
        database: &str,
        user: &str,
        password: Option<&str>,
    ) -> (String, u16, String, String, Option<String>) {
        (host.into(), port, database.into(), user.into(), password.map(Into::into))
    }

    #[test]
    fn both_forms_give_the_same_connection() {
        let all = expected("db.example", 6543, "bi", "huitou", Some("p@ss/w:ord' \\%#?"));
        assert_eq!(parts("postgresql://huitou:p%40ss%2Fw%3Aord'%20%5C%25%23%3f@db.example:6543/bi"), all);
        assert_eq!(parts(r"host=db.example port = 6543 dbname='bi' user=huitou password='p@ss/w:ord\' \\%#?'"), all);
        assert_eq!(parts(r" user=huitou password=p@ss/w:ord\'\ \\%#? dbname=bi port=6543 host=db.example"), all);
        assert_eq!(parts("postgres://huitou@db.example"), expected("db.example", 5432, "huitou", "huitou", None));
        assert_eq!(parts("postgresql:///bi?user=huitou&password=x%26y"), expected(SOCKET_FOLDER, 5432, "bi", "huitou", Some("x&y")));
        assert_eq!(parts("postgresql://u@%2Fvar%2Frun/bi"), expected("/var/run", 5432, "bi", "u", None));
        assert_eq!(parts("postgresql://u:p@[2001:db8::7]:6543/bi"), expected("2001:db8::7", 6543, "bi", "u", Some("p")));
        assert_eq!(parts("user=u host=/run dbname=bi"), expected("/run", 5432, "bi", "u", None));
        // An `@` that is not written as %40 belongs to the password wherever that is unambiguous.
        assert_eq!(parts("postgresql://u:p@ss@host/bi"), expected("host", 5432, "bi", "u", Some("p@ss")));
    }

    #[test]
    fn what_is_encrypted_and_verified() {
        let encryption = |text: &str| parse(text).map(|found| found.encryption);
        assert_eq!(encryption("postgresql://u@h/d"), Ok(Encryption::Prefer));
        assert_eq!(encryption("postgresql://u@h/d?sslmode=disable"), Ok(Encryption::Disable));
        for mode in ["require", "verify-ca", "verify-full"] {
            assert_eq!(encryption(&format!("host=h user=u sslmode={mode}")), Ok(Encryption::Require));
        }
        assert_eq!(encryption("postgresql:///d?user=u&sslmode=require"), Ok(Encryption::Disable), "a socket of this machine");
        assert!(encryption("postgresql://u@h/d?sslmode=allow").unwrap_err().contains("sslmode"));
        let authorities = parse("postgresql://u@h/d?sslrootcert=%2Fetc%2Fca.crt").unwrap().authorities;
        assert_eq!(authorities, Some(PathBuf::from("/etc/ca.crt")));
        let environment = |name: &str| Some(if name == "PGSSLMODE" { "require" } else { "of the environment" }.to_owned());
        let found = Connection::parse("postgresql://u@h/d", &environment).unwrap();
        assert_eq!((found.encryption, found.authorities), (Encryption::Require, Some(PathBuf::from("of the environment"))));
        assert_eq!(found.password, Some(Secret("of the environment".to_owned())));
        assert_eq!(Connection::parse("postgresql://u:own@h/d", &environment).unwrap().password, Some(Secret("own".to_owned())));
    }

    #[test]
    fn what_cannot_be_read_is_not_repeated() {
        for text in [
            "postgresql://u:s3cret/word@h/d",
            "postgresql://u:s3cret?word@h/d",
            "postgresql://u:s3cret#word@h/d",
            "postgresql://u:s3cret%word@h/d",
            "postgresql://u:s3cret@h:port/d",
            "postgresql://u:s3cret@h:70000/d",
            "postgresql://u:s3cret@h/d?s3cret",
            "postgresql://u:s3cret@h/d?s3cret=1",
            "postgresql://u:s3cret@a,b/d",
            "mysql://u:s3cret@h/d",
            "user=u password=s3cret word",
            "user=u password='s3cret",
            "user=u password='s3cret' s3cret=1",
            "user=u host='s3cret word'",
            "s3cret",
            "postgresql://:s3cret@h/d",
        ] {
            let message = parse(text).unwrap_err();
            assert!(!message.contains("s3cret") && !message.contains("word@") && message.len() > 20, "{text}: {message}");
        }
    }

    #[test]
    fn nothing_shows_a_password() {
        let found = parse("postgresql://u:s3cret@h/d").unwrap();
        let shown = format!("{found} {found:?} {found:#?}");
        assert!(!shown.contains("s3cret"), "{shown}");
        assert_eq!(found.to_string(), "database d at h:5432 as u");
    }

    #[test]
    fn passwords_that_are_written_out() {
        for text in ["postgresql://u:p@h/d", "postgresql://h/d?user=u&password=p", "user=u password=p"] {
            assert!(has_password(text), "{text}");
        }
        for text in ["", "postgresql://u@h/d", "postgresql://u:@h/d", "user=u password=''", "user=u"] {
            assert!(!has_password(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_password_comes_through(password in "[^\0]{1,20}") {
            let encoded: String = password.bytes().map(|byte| format!("%{byte:02x}")).collect();
            let quoted = password.replace('\\', "\\\\").replace('\'', "\\'");
            for text in [format!("postgresql://u:{encoded}@h/d"), format!("user=u password='{quoted}'")] {
                prop_assert_eq!(parse(&text).unwrap().password, Some(Secret(password.clone())));
            }
        }
    }
}
