//! The client of a bucket, by what the environment of the run and the usual files say. Nothing of that is ever shown: messages name variables.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{BackoffConfig, ClientOptions, ObjectStore, Result, RetryConfig};

use super::address::Service;
use super::profile;

/// The variables that are read for `s3://`, the later one before the earlier one of the same meaning.
const S3: [&str; 16] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
    "AWS_SKIP_SIGNATURE",
    "AWS_REQUEST_PAYER",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

/// Those for `gs://`.
const GOOGLE: [&str; 4] =
    ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_KEY", "GOOGLE_SKIP_SIGNATURE"];

/// Those for `az://`.
const AZURE: [&str; 11] = [
    "AZURE_STORAGE_ACCOUNT_NAME",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_TENANT_ID",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_MSI_ENDPOINT",
    "AZURE_USE_AZURE_CLI",
    "AZURE_STORAGE_ENDPOINT",
    "AZURE_SKIP_SIGNATURE",
];

/// How often a request that the store did not answer, or answered by a failure of its own, is sent again.
pub(super) const RETRIES: usize = 6;

/// The longest time that one request is sent again.
const LONGEST: Duration = Duration::from_secs(90);

fn retries() -> RetryConfig {
    let backoff = BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(5), base: 2.0 };
    RetryConfig { backoff, max_retries: RETRIES, retry_timeout: LONGEST }
}

/// A request ends where its connection is silent for so long: large answers may take longer as a whole.
fn options(endpoint: Option<&str>) -> ClientOptions {
    let patience = Duration::from_secs(20);
    ClientOptions::new()
        .with_timeout_disabled()
        .with_read_timeout(patience)
        .with_connect_timeout(Duration::from_secs(5))
        // Who writes an endpoint without encryption means a server of the own network.
        .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")))
}

/// The client of a bucket.
///
/// # Errors
/// Settings that contradict each other, such as half of a key.
pub(super) fn client(service: Service, bucket: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Arc<dyn ObjectStore>> {
    let environment = |name: &str| environment(name).filter(|value| !value.is_empty());
    Ok(match service {
        Service::S3 => Arc::new(s3(bucket, &environment).build()?),
        Service::Oss => Arc::new(oss(bucket, &environment).build()?),
        Service::Google => {
            let builder =
                GoogleCloudStorageBuilder::new().with_bucket_name(bucket).with_retry(retries()).with_client_options(options(None));
            Arc::new(with(builder, &GOOGLE, &environment, |builder, key: GoogleConfigKey, value| builder.with_config(key, value)).build()?)
        }
        Service::Azure => {
            let endpoint = environment("AZURE_STORAGE_ENDPOINT");
            let builder = MicrosoftAzureBuilder::new().with_container_name(bucket).with_retry(retries());
            let builder = builder.with_client_options(options(endpoint.as_deref()));
            Arc::new(with(builder, &AZURE, &environment, |builder, key: AzureConfigKey, value| builder.with_config(key, value)).build()?)
        }
    })
}

/// A builder with what variables say, each of which the crate knows by its name in small letters.
fn with<B, K: FromStr>(builder: B, names: &[&str], environment: &dyn Fn(&str) -> Option<String>, set: impl Fn(B, K, String) -> B) -> B {
    names.iter().fold(builder, |builder, name| match (environment(name), name.to_lowercase().parse()) {
        (Some(value), Ok(key)) => set(builder, key, value),
        _ => builder,
    })
}

fn s3(bucket: &str, environment: &dyn Fn(&str) -> Option<String>) -> AmazonS3Builder {
    let profile = profile::of_environment(environment);
    let region = environment("AWS_REGION").or_else(|| environment("AWS_DEFAULT_REGION")).or_else(|| profile.get("region").cloned());
    let endpoint = environment("AWS_ENDPOINT_URL_S3").or_else(|| environment("AWS_ENDPOINT_URL"));
    let endpoint = endpoint.or_else(|| profile.get("endpoint_url").cloned());
    let builder = AmazonS3Builder::new().with_bucket_name(bucket).with_retry(retries()).with_client_options(options(endpoint.as_deref()));
    let mut builder = with(builder, &S3, environment, |builder, key: AmazonS3ConfigKey, value| builder.with_config(key, value));
    // As other programs do: a key of the environment belongs to no secret of a file. A role is of the environment alone.
    let is_said =
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"].iter().any(|name| environment(name).is_some());
    for (name, key) in [
        ("aws_access_key_id", AmazonS3ConfigKey::AccessKeyId),
        ("aws_secret_access_key", AmazonS3ConfigKey::SecretAccessKey),
        ("aws_session_token", AmazonS3ConfigKey::Token),
    ] {
        if let Some(value) = profile.get(name).filter(|_| !is_said) {
            builder = builder.with_config(key, value);
        }
    }
    for (value, key) in [(region, AmazonS3ConfigKey::Region), (endpoint, AmazonS3ConfigKey::Endpoint)] {
        if let Some(value) = value {
            builder = builder.with_config(key, value);
        }
    }
    builder
}

/// OSS answers as S3 does, at addresses that begin with the bucket.
fn oss(bucket: &str, environment: &dyn Fn(&str) -> Option<String>) -> AmazonS3Builder {
    let said = environment("OSS_ENDPOINT").unwrap_or_else(|| {
        let region = environment("OSS_REGION").unwrap_or_else(|| "cn-hangzhou".to_owned());
        format!("https://oss-{}.aliyuncs.com", region.trim_start_matches("oss-"))
    });
    let (scheme, host) = said.split_once("://").unwrap_or(("https", &said));
    let host = host.trim_end_matches('/');
    let is_of_aliyun = host.ends_with(".aliyuncs.com");
    let endpoint = if is_of_aliyun { format!("{scheme}://{bucket}.{host}") } else { format!("{scheme}://{host}") };
    let region = environment("OSS_REGION").map(|region| region.trim_start_matches("oss-").to_owned());
    let region = region.or_else(|| {
        let first = host.split('.').next()?.strip_prefix("oss-")?;
        Some(first.trim_end_matches("-internal").to_owned())
    });
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_virtual_hosted_style_request(is_of_aliyun)
        .with_retry(retries())
        .with_client_options(options(Some(&endpoint)))
        .with_endpoint(endpoint);
    let token = environment("OSS_SESSION_TOKEN").or_else(|| environment("OSS_STS_TOKEN"));
    for (value, key) in [
        (environment("OSS_ACCESS_KEY_ID"), AmazonS3ConfigKey::AccessKeyId),
        (environment("OSS_ACCESS_KEY_SECRET"), AmazonS3ConfigKey::SecretAccessKey),
        (token, AmazonS3ConfigKey::Token),
        (region, AmazonS3ConfigKey::Region),
    ] {
        if let Some(value) = value {
            builder = builder.with_config(key, value);
        }
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| pairs.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
    }

    fn said(builder: &AmazonS3Builder, key: AmazonS3ConfigKey) -> String {
        builder.get_config_value(&key).unwrap_or_default()
    }

    #[test]
    fn keys_of_the_environment_come_before_those_of_files() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        let credentials = "[default]\naws_access_key_id=FILE\naws_secret_access_key=SECRET\naws_session_token=TOKEN\nregion=eu-west-3\n";
        std::fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
        let home = home.path().to_str().unwrap();
        let found = s3("b", &of(&[("HOME", home)]));
        assert_eq!(said(&found, AmazonS3ConfigKey::AccessKeyId), "FILE");
        assert_eq!(said(&found, AmazonS3ConfigKey::Token), "TOKEN");
        assert_eq!(said(&found, AmazonS3ConfigKey::Region), "eu-west-3");
        let found =
            s3("b", &of(&[("HOME", home), ("AWS_ACCESS_KEY_ID", "OWN"), ("AWS_SECRET_ACCESS_KEY", "S"), ("AWS_REGION", "cn-north-1")]));
        assert_eq!(said(&found, AmazonS3ConfigKey::AccessKeyId), "OWN");
        assert_eq!(said(&found, AmazonS3ConfigKey::Token), "", "the token of a file belongs to its key");
        assert_eq!(said(&found, AmazonS3ConfigKey::Region), "cn-north-1");
        let found = s3("b", &of(&[("AWS_ENDPOINT_URL", "http://one"), ("AWS_ENDPOINT_URL_S3", "http://two")]));
        assert_eq!(said(&found, AmazonS3ConfigKey::Endpoint), "http://two");
    }

    #[test]
    fn oss_is_asked_at_the_address_of_the_bucket() {
        let found = oss("shop", &of(&[("OSS_ENDPOINT", "oss-cn-shanghai-internal.aliyuncs.com"), ("OSS_ACCESS_KEY_ID", "K")]));
        assert_eq!(said(&found, AmazonS3ConfigKey::Endpoint), "https://shop.oss-cn-shanghai-internal.aliyuncs.com");
        assert_eq!(said(&found, AmazonS3ConfigKey::Region), "cn-shanghai");
        assert_eq!(said(&found, AmazonS3ConfigKey::AccessKeyId), "K");
        let found = oss("shop", &of(&[("OSS_REGION", "cn-beijing")]));
        assert_eq!(said(&found, AmazonS3ConfigKey::Endpoint), "https://shop.oss-cn-beijing.aliyuncs.com");
        let found = oss("shop", &of(&[("OSS_ENDPOINT", "http://127.0.0.1:9000")]));
        assert_eq!(said(&found, AmazonS3ConfigKey::Endpoint), "http://127.0.0.1:9000");
    }

    #[test]
    fn every_variable_that_is_read_is_known() {
        assert!(S3.iter().all(|name| name.to_lowercase().parse::<AmazonS3ConfigKey>().is_ok()));
        assert!(GOOGLE.iter().all(|name| name.to_lowercase().parse::<GoogleConfigKey>().is_ok()));
        assert!(AZURE.iter().all(|name| name.to_lowercase().parse::<AzureConfigKey>().is_ok()));
    }
}
