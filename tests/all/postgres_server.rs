//! A PostgreSQL server for tests, which scripts/postgres.sh starts: databases of their own, with a user who has no more rights than needed.

use std::collections::BTreeMap;

use postgres::{Client, Config, NoTls};

use super::scene::{Ran, Scene};

/// A password with all letters that connection strings treat in a special way.
pub const PASSWORD: &str = "p@ss/w:o'r d\\%41#?&=\"密";

/// Names the database from the environment.
pub const SET: &str = "output.postgres.url=${HUITOU_PG}";

/// A database for one test, and the user who loads into it.
pub struct Database {
    name: String,
    admin: Config,
}

/// The server's superuser; `None`, said aloud, where there is no server.
pub fn admin() -> Option<Config> {
    match std::env::var("HUITOU_TEST_PG") {
        Ok(url) => Some(url.parse().expect("HUITOU_TEST_PG is a URL of PostgreSQL")),
        Err(_) => {
            println!("left out: HUITOU_TEST_PG names no server; scripts/postgres.sh starts one");
            None
        }
    }
}

/// What a text is in a URL, every byte in hex digits.
pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

impl Database {
    /// A new, empty one.
    pub fn new(test: &str) -> Option<Database> {
        let admin = admin()?;
        let mut client = admin.connect(NoTls).unwrap();
        let (name, user) = (format!("huitou_{test}"), format!("loader_{test}"));
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).unwrap();
        for role in [&user, &format!("reader_{test}")] {
            client.batch_execute(&format!("DROP ROLE IF EXISTS {role}")).unwrap();
        }
        client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        client.batch_execute(&format!("CREATE ROLE {user} LOGIN PASSWORD '{}'", PASSWORD.replace('\'', "''"))).unwrap();
        client.batch_execute(&format!("GRANT CREATE ON DATABASE {name} TO {user}; CREATE ROLE reader_{test} LOGIN PASSWORD 'x'")).unwrap();
        Some(Database { name: test.to_owned(), admin })
    }

    /// The port of the server.
    pub fn port(&self) -> u16 {
        self.admin.get_ports()[0]
    }

    /// The URL with which huitou loads.
    pub fn url(&self) -> String {
        self.url_at("127.0.0.1", self.port())
    }

    /// The same at another place.
    pub fn url_at(&self, host: &str, port: u16) -> String {
        let test = &self.name;
        format!("postgresql://loader_{test}:{}@{host}:{port}/huitou_{test}", encoded(PASSWORD))
    }

    /// The same in keywords and values.
    pub fn keywords(&self) -> String {
        let password = PASSWORD.replace('\\', "\\\\").replace('\'', "\\'");
        let test = &self.name;
        format!("host=127.0.0.1 port={} dbname=huitou_{test} user=loader_{test} password='{password}'", self.port())
    }

    /// A connection of the superuser.
    pub fn client(&self) -> Client {
        self.admin.clone().dbname(&format!("huitou_{}", self.name)).connect(NoTls).unwrap()
    }

    /// A connection of somebody who may read what was granted.
    pub fn reader(&self) -> Client {
        let mut config = self.admin.clone();
        config.dbname(&format!("huitou_{}", self.name)).user(&format!("reader_{}", self.name)).password("x");
        config.connect(NoTls).unwrap()
    }

    /// Runs the scene's job, which says nothing of the password whatever comes of it.
    pub fn run(&self, scene: &Scene, options: &[&str]) -> Ran {
        self.run_with(scene, &self.url(), options)
    }

    /// The same with another connection string.
    pub fn run_with(&self, scene: &Scene, url: &str, options: &[&str]) -> Ran {
        let ran = scene.run_in(&[&["run", "job.yaml", "--publish", "--set", SET], options].concat(), &[("HUITOU_PG", url)]);
        says_no_password(&ran);
        ran
    }

    /// Runs the job, which must load.
    pub fn loads(&self, scene: &Scene, options: &[&str]) -> Ran {
        let ran = self.run(scene, options);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran
    }

    /// Every row of every table in the schema, as text.
    pub fn content(&self) -> BTreeMap<String, Vec<String>> {
        let mut client = self.client();
        let tables = "SELECT relname::text FROM pg_class WHERE relnamespace = to_regnamespace('huitou') AND relkind IN ('r', 'p', 'v')";
        let names: Vec<String> = client.query(tables, &[]).unwrap().iter().map(|row| row.get(0)).collect();
        let rows = |name: String| {
            let found = client.query(&format!("SELECT t::text FROM huitou.{name} t ORDER BY 1"), &[]).unwrap();
            (name, found.iter().map(|row| row.get(0)).collect())
        };
        names.into_iter().map(rows).collect()
    }

    /// The name of the role that the test calls so.
    pub fn role(&self, kind: &str) -> String {
        format!("{kind}_{}", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Ok(mut client) = self.admin.connect(NoTls) {
            let name = &self.name;
            let _ = client.batch_execute(&format!("DROP DATABASE IF EXISTS huitou_{name} WITH (FORCE)"));
            let _ = client.batch_execute(&format!("DROP ROLE IF EXISTS loader_{name}; DROP ROLE IF EXISTS reader_{name}"));
        }
    }
}

/// Neither the password nor the way it is written in a URL is in what the program said.
#[track_caller]
pub fn says_no_password(ran: &Ran) {
    let shown = format!("{}\n{}", ran.stdout, ran.stderr);
    for secret in [PASSWORD.to_owned(), encoded(PASSWORD), encoded(PASSWORD).to_lowercase(), PASSWORD.replace('\'', "\\'")] {
        assert!(!shown.contains(&secret), "{shown}");
    }
}
