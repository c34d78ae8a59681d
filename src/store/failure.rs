//! Why a store did not give what was asked for, in the words of the person who must act. What a server writes about a failure is never
//! repeated: it may name keys and signatures.

use std::error::Error as Cause;

use super::address::Service;
use super::client::RETRIES;
use crate::error::Problem;

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The store knows no such bucket.
    NoBucket,
    /// The object is not there.
    Gone,
    /// The object is another one than the one that was listed.
    Changed,
    /// The store refuses whoever asks.
    Denied,
    /// Nobody says who asks.
    NoCredentials,
    /// Nothing answers.
    Unreachable,
    /// An answer ended before its end.
    BrokenOff,
    /// The settings contradict each other.
    Settings,
    /// The store answers that it fails.
    Fails,
}

/// A failure of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What failed.
    pub kind: Kind,
    /// The kind of store.
    pub service: Service,
    /// The bucket that was asked.
    pub bucket: String,
    /// What the store or the system says in a word or a number.
    pub cause: String,
}

impl Failure {
    /// That of a request.
    pub(super) fn of(service: Service, bucket: &str, error: &object_store::Error) -> Failure {
        let mut causes = vec![error.to_string()];
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        let all = causes.join("\n");
        let code = tag(&all, "Code").unwrap_or_default();
        let status = all.split("code: ").nth(1).and_then(|rest| rest.get(..3)).unwrap_or_default();
        let is_of_machine = ["169.254.", "metadata.google"].iter().any(|word| all.contains(word));
        let kind = match error {
            _ if ["NoSuchBucket", "ContainerNotFound"].contains(&code) => Kind::NoBucket,
            _ if is_of_machine => Kind::NoCredentials,
            object_store::Error::NotFound { .. } => Kind::Gone,
            object_store::Error::Precondition { .. } | object_store::Error::NotModified { .. } => Kind::Changed,
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => Kind::Denied,
            _ if matches!(status, "401" | "403") => Kind::Denied,
            _ if !status.is_empty() => Kind::Fails,
            // What the client sent again, and gave up.
            _ if all.contains("max_retries") => Kind::Unreachable,
            _ if all.contains("HTTP error") => Kind::BrokenOff,
            _ => Kind::Fails,
        };
        let cause = match kind {
            Kind::Unreachable | Kind::BrokenOff => causes.last().cloned().unwrap_or_default(),
            _ => [status, code].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
        };
        Failure { kind, service, bucket: bucket.to_owned(), cause }
    }

    /// One without an error of the store.
    pub(super) fn other(kind: Kind, service: Service, bucket: &str, cause: impl Into<String>) -> Failure {
        Failure { kind, service, bucket: bucket.to_owned(), cause: cause.into() }
    }

    /// The failure of what was read at `place`.
    pub fn problem(&self, place: &str) -> Problem {
        let Failure { kind, service, bucket, cause } = self;
        let said = if cause.is_empty() { String::new() } else { format!(" ({cause})") };
        let (what, help) = match kind {
            Kind::NoBucket => (
                format!("there is no bucket `{bucket}`{said}"),
                format!("check its name, and the region and the endpoint of the store: {} say them", endpoint(*service)),
            ),
            Kind::Gone => (format!("it is not there any more{said}"), "run again when the export has ended".to_owned()),
            Kind::Changed => (format!("it was written anew while the run read it{said}"), "run again when the export has ended".to_owned()),
            Kind::Denied => (
                format!("the store refuses to list or to read the bucket `{bucket}`{said}"),
                format!(
                    "give the run credentials that may list the bucket and read its objects; they are read from {}",
                    credentials(*service)
                ),
            ),
            Kind::NoCredentials => (
                format!("no credentials for the bucket `{bucket}` were found{said}"),
                format!("cron and systemd have an environment of their own; credentials are read from {}", credentials(*service)),
            ),
            Kind::Unreachable | Kind::BrokenOff => (
                format!("the store of the bucket `{bucket}` does not answer, after {RETRIES} more attempts{said}"),
                format!("check the network and the endpoint, which {} say, and run again", endpoint(*service)),
            ),
            Kind::Settings => (
                format!("the settings for the bucket `{bucket}` cannot be used{said}"),
                format!("set all of a key or none; they are read from {}", credentials(*service)),
            ),
            Kind::Fails => (
                format!("the store of the bucket `{bucket}` fails, after {RETRIES} more attempts{said}"),
                "see whether the store works, and run again".to_owned(),
            ),
        };
        Problem::new(place, what).help(help)
    }
}

/// Where credentials are read from.
fn credentials(service: Service) -> &'static str {
    match service {
        Service::S3 => {
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN), ~/.aws/credentials by AWS_PROFILE, or the role of the machine"
        }
        Service::Oss => "OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET (OSS_SESSION_TOKEN)",
        Service::Google => "GOOGLE_APPLICATION_CREDENTIALS, the login of gcloud, or the role of the machine",
        Service::Azure => "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN, or AZURE_CLIENT_ID and so on",
    }
}

/// Which variables say where the store is.
fn endpoint(service: Service) -> &'static str {
    match service {
        Service::S3 => "AWS_REGION and AWS_ENDPOINT_URL",
        Service::Oss => "OSS_ENDPOINT and OSS_REGION",
        Service::Google => "GOOGLE_APPLICATION_CREDENTIALS",
        Service::Azure => "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ENDPOINT",
    }
}

/// What stands in an element of XML, where it is a word.
fn tag<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let rest = text.split_once(&format!("<{name}>"))?.1;
    let (word, _) = rest.split_once('<')?;
    (word.len() < 60 && word.chars().all(|letter| letter.is_ascii_alphanumeric())).then_some(word)
}
