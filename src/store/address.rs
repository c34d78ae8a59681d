//! Addresses of objects and folders in stores: `s3://bucket/folder/`.

/// A kind of store, by how addresses of it begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// `s3://`: Amazon S3, and what answers as it does.
    S3,
    /// `oss://`: Alibaba Cloud OSS, by its endpoint for programs that know S3.
    Oss,
    /// `gs://`: Google Cloud Storage.
    Google,
    /// `az://`: Azure Blob Storage; its buckets are called containers.
    Azure,
}

impl Service {
    /// How addresses of it begin.
    pub fn scheme(self) -> &'static str {
        match self {
            Service::S3 => "s3",
            Service::Oss => "oss",
            Service::Google => "gs",
            Service::Azure => "az",
        }
    }
}

/// All kinds of stores.
const SERVICES: [Service; 4] = [Service::S3, Service::Oss, Service::Google, Service::Azure];

/// What is wrong with an address. Neither text repeats it: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The fault, as text after the name of the key.
    pub what: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

/// Where something is in a store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The kind of store.
    pub service: Service,
    /// The bucket.
    pub bucket: String,
    /// What follows the bucket, without the `/` between them.
    pub key: String,
}

/// Whether a path is an address, of whatever kind; else it is one of the file system.
pub fn is_address(path: &str) -> bool {
    path.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'))
    })
}

impl Address {
    /// Reads a path of a job; `None` for one of the file system.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub fn parse(path: &str) -> Result<Option<Address>, Fault> {
        let Some((scheme, rest)) = path.split_once("://").filter(|_| is_address(path)) else { return Ok(None) };
        let service = SERVICES.into_iter().find(|service| scheme == service.scheme()).ok_or(Fault {
            what: "begins as an address that huitou does not read",
            help: "addresses begin with s3://, oss://, gs:// or az://; what lies in HDFS or on another server is read through a mount, by its local \
                   path",
        })?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.contains(['@', ':']) {
            let help = "write s3://BUCKET/FOLDER/, and give credentials and endpoint by the environment of the run (AWS_ACCESS_KEY_ID, \
                        AWS_ENDPOINT_URL and so on)";
            return Err(Fault { what: "holds a user, a password or a port beside the name of the bucket", help });
        }
        if bucket.is_empty() || bucket.contains(['*', '?', '[', ' ']) {
            return Err(Fault {
                what: "names no bucket",
                help: "write s3://BUCKET/FOLDER/; only what follows the bucket may be a pattern",
            });
        }
        Ok(Some(Address { service, bucket: bucket.to_owned(), key: key.to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_local_paths() {
        let parsed = |path: &str| Address::parse(path).unwrap().map(|found| (found.service, found.bucket, found.key));
        assert_eq!(parsed("s3://b/orders/*.parquet"), Some((Service::S3, "b".into(), "orders/*.parquet".into())));
        assert_eq!(parsed("oss://b"), Some((Service::Oss, "b".into(), String::new())));
        assert_eq!(parsed("gs://b/"), Some((Service::Google, "b".into(), String::new())));
        assert_eq!(parsed("az://container/a"), Some((Service::Azure, "container".into(), "a".into())));
        for path in ["/data/orders", "data/s3:/x", "/data/x=a://b", "*://b", "://b"] {
            assert_eq!(parsed(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_no_address_is_not_repeated() {
        let fault = |path: &str| Address::parse(path).unwrap_err();
        for path in ["hdfs://name/x", "https://u:s3cret@h/x", "S3://b/x", "file:///x"] {
            assert!(fault(path).what.contains("does not read"), "{path}");
        }
        for path in ["s3://key:s3cret@b/x", "s3://s3cret@b/x", "s3://127.0.0.1:9000/b"] {
            assert!(fault(path).what.contains("a password or a port"), "{path}");
        }
        for path in ["s3://", "s3:///x", "s3://*/x"] {
            assert_eq!(fault(path).what, "names no bucket", "{path}");
        }
    }
}
