//! S3: the only module that speaks it.

mod error;
#[cfg(test)]
pub mod fake;
mod page;
mod upload;

use std::fmt;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig, PresigningConfigError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use aws_smithy_http_client::{Builder, tls};
use base64::Engine as _;
use wasm_core::Bytes;
use wasm_core::api::SignedRequest;
use wasm_core::secret::Secret;

use crate::keys::ObjectKey;
use error::Answer;

pub(crate) use error::chain;
pub use error::{Asked, StoreError};
pub use page::Page;
pub use upload::{Sink, Upload};

/// How long a signed upload or download may be used: long enough for a slow uplink to send
/// what was signed ahead.
const SIGNED_FOR: Duration = Duration::from_mins(15);

/// Keys of one delete request; S3's limit.
const DELETE_AT_A_TIME: usize = 1000;

/// Where the bucket is.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The bucket.
    pub bucket: String,
    /// Region, such as `us-east-1`.
    pub region: String,
    /// Address of a server that is not AWS, such as `http://127.0.0.1:8080`.
    pub endpoint: Option<String>,
    /// Access key id.
    pub access_key: Secret,
    /// Secret key.
    pub secret_key: Secret,
    /// Token of a role's temporary credentials.
    pub session_token: Option<Secret>,
}

impl StoreConfig {
    /// The configuration from the variables that Lambda gives its functions, and from `NEUROCYTE_BUCKET`.
    ///
    /// # Errors
    /// The name of the variable that is missing.
    pub fn from_env() -> Result<Self, String> {
        Self::from_env_for(None, None)
    }

    /// The same, with a bucket and a region that were named otherwise.
    ///
    /// # Errors
    /// The name of the variable that is missing.
    pub fn from_env_for(bucket: Option<String>, region: Option<String>) -> Result<Self, String> {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let required = |name: &str| var(name).ok_or_else(|| format!("the environment variable {name} is not set"));
        Ok(Self {
            bucket: bucket.map_or_else(|| required("NEUROCYTE_BUCKET"), Ok)?,
            region: region.map_or_else(|| required("AWS_REGION"), Ok)?,
            endpoint: var("NEUROCYTE_S3_ENDPOINT"),
            access_key: required("AWS_ACCESS_KEY_ID")?.into(),
            secret_key: required("AWS_SECRET_ACCESS_KEY")?.into(),
            session_token: var("AWS_SESSION_TOKEN").map(Secret::new),
        })
    }
}

/// A bucket.
#[derive(Clone)]
pub struct Store {
    client: Client,
    bucket: String,
}

impl fmt::Debug for Store {
    /// The client holds credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

impl Store {
    /// Connects, which costs nothing until the first request.
    #[must_use]
    pub fn new(config: StoreConfig) -> Self {
        let plain = config.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        let http = if plain { Builder::new().build_http() } else { Builder::new().tls_provider(ring).build_https() };
        let credentials = Credentials::new(
            config.access_key.into_revealed(),
            config.secret_key.into_revealed(),
            config.session_token.map(Secret::into_revealed),
            None,
            "neurocyte",
        );
        let mut builder = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(config.region))
            .credentials_provider(credentials)
            .http_client(http)
            // Uploads carry the checksum that the browser computed; others need none.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(endpoint) = config.endpoint {
            builder = builder.endpoint_url(endpoint).force_path_style(true);
        }
        Self { client: Client::from_conf(builder.build()), bucket: config.bucket }
    }

    /// The request, for messages.
    fn asked(&self, action: &'static str, key: &str) -> Asked {
        Asked { action, bucket: self.bucket.clone(), key: key.to_owned() }
    }

    /// Makes the bucket if it is not there; for the local cloud.
    ///
    /// # Errors
    /// When S3 refuses or cannot be reached.
    pub async fn create_bucket(&self) -> Result<(), StoreError> {
        match self.client.create_bucket().bucket(&self.bucket).send().await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.code(), Some("BucketAlreadyExists" | "BucketAlreadyOwnedByYou")) => Ok(()),
            Err(error) => Err(failed(self.asked("create", ""), &error)),
        }
    }

    /// Writes an object, replacing what was there.
    ///
    /// # Errors
    /// When S3 refuses or cannot be reached.
    pub async fn put(&self, key: &ObjectKey, bytes: Vec<u8>) -> Result<(), StoreError> {
        let sent = self.put_request(key, bytes).send().await;
        sent.map(drop).map_err(|error| failed(self.asked("write", &key.path()), &error))
    }

    /// Writes an object that must not exist yet.
    ///
    /// # Errors
    /// [`StoreError::Exists`], or when S3 refuses or cannot be reached.
    pub async fn put_new(&self, key: &ObjectKey, bytes: Vec<u8>) -> Result<(), StoreError> {
        match self.put_request(key, bytes).if_none_match("*").send().await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.code(), Some("PreconditionFailed" | "ConditionalRequestConflict")) => {
                Err(StoreError::Exists { key: key.path() })
            }
            Err(error) => Err(failed(self.asked("write", &key.path()), &error)),
        }
    }

    fn put_request(
        &self,
        key: &ObjectKey,
        bytes: Vec<u8>,
    ) -> aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key.path())
            .content_type(key.content_type())
            .cache_control(key.cache_control())
            .body(ByteStream::from(bytes))
    }

    /// Reads an object; `None` when it is not there.
    ///
    /// # Errors
    /// When S3 refuses or cannot be reached.
    pub async fn get(&self, key: &ObjectKey) -> Result<Option<Bytes>, StoreError> {
        let path = key.path();
        match self.client.get_object().bucket(&self.bucket).key(&path).send().await {
            Ok(answer) => match answer.body.collect().await {
                Ok(body) => Ok(Some(body.into_bytes())),
                // The connection broke off.
                Err(error) => Err(StoreError::Unavailable { asked: self.asked("read", &path), reason: chain(&error) }),
            },
            Err(error) if answer_of(&error).is_missing_object() => Ok(None),
            Err(error) => Err(failed(self.asked("read", &path), &error)),
        }
    }

    /// When an object was written, in seconds since 1970; `None` when it is not there.
    ///
    /// # Errors
    /// When S3 refuses or cannot be reached.
    pub async fn written_at_s(&self, key: &ObjectKey) -> Result<Option<i64>, StoreError> {
        let path = key.path();
        match self.client.get_object().bucket(&self.bucket).key(&path).send().await {
            Ok(answer) => Ok(answer.last_modified().map(aws_sdk_s3::primitives::DateTime::secs)),
            Err(error) if answer_of(&error).is_missing_object() => Ok(None),
            Err(error) => Err(failed(self.asked("read", &path), &error)),
        }
    }

    /// Keys that begin with `prefix`, sorted.
    ///
    /// # Errors
    /// When S3 refuses or cannot be reached.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.list_dated(prefix).await?.into_iter().map(|(key, _)| key).collect())
    }

    /// The same, each with when it was written, in seconds since 1970, as far as S3 tells.
    ///
    /// # Errors
    /// When S3 refuses or cannot be reached.
    pub async fn list_dated(&self, prefix: &str) -> Result<Vec<(String, Option<f64>)>, StoreError> {
        let mut keys = Vec::new();
        let mut page = self.page(prefix, None).await?;
        loop {
            keys.extend(page.keys.into_iter().zip(page.written_s));
            page = match page.next {
                Some(next) => self.page_after(prefix, next).await?,
                None => return Ok(keys),
            };
        }
    }

    /// Deletes objects; those that are not there do not matter.
    ///
    /// # Errors
    /// When S3 refuses, cannot be reached, or keeps an object.
    pub async fn delete(&self, keys: &[String]) -> Result<(), StoreError> {
        for some in keys.chunks(DELETE_AT_A_TIME) {
            let Some(first) = some.first() else { continue };
            let wrong =
                |error: BuildError| StoreError::Refused { asked: self.asked("delete", first), reason: chain(&error) };
            let objects: Result<Vec<_>, _> =
                some.iter().map(|key| ObjectIdentifier::builder().key(key).build()).collect();
            let delete = Delete::builder().set_objects(Some(objects.map_err(wrong)?)).quiet(true);
            let delete = delete.build().map_err(wrong)?;
            let answer = self.client.delete_objects().bucket(&self.bucket).delete(delete).send().await;
            let answer = answer.map_err(|error| failed(self.asked("delete", first), &error))?;
            if let Some(kept) = answer.errors().first() {
                let why = Answer { status: None, code: kept.code(), message: kept.message() };
                return Err(why.into_error(self.asked("delete", kept.key().unwrap_or(first))));
            }
        }
        Ok(())
    }

    fn signing(&self, path: &str) -> Result<PresigningConfig, StoreError> {
        let wrong = |error: PresigningConfigError| StoreError::Refused {
            asked: self.asked("sign", path),
            reason: chain(&error),
        };
        PresigningConfig::expires_in(SIGNED_FOR).map_err(wrong)
    }

    /// Signs an upload of exactly these bytes to a key that must not exist yet.
    ///
    /// # Errors
    /// When signing fails, which needs no network.
    pub async fn sign_put(&self, key: &ObjectKey, size_bytes: u64, crc32c: u32) -> Result<SignedRequest, StoreError> {
        let path = key.path();
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(&path)
            .content_length(size_bytes.cast_signed())
            .checksum_crc32_c(base64::engine::general_purpose::STANDARD.encode(crc32c.to_be_bytes()))
            .if_none_match("*");
        let signed = request.presigned(self.signing(&path)?).await;
        signed.map(|signed| to_wire(&signed)).map_err(|error| failed(self.asked("sign", &path), &error))
    }

    /// Signs a download. Whoever sent the object chose its type: a browser that opens the address saves it, and shows
    /// nothing.
    ///
    /// # Errors
    /// When signing fails, which needs no network.
    pub async fn sign_get(&self, key: &ObjectKey) -> Result<SignedRequest, StoreError> {
        let path = key.path();
        let request =
            self.client.get_object().bucket(&self.bucket).key(&path).response_content_type("application/octet-stream");
        let signed = request.presigned(self.signing(&path)?).await;
        signed.map(|signed| to_wire(&signed)).map_err(|error| failed(self.asked("sign", &path), &error))
    }
}

fn to_wire(signed: &PresignedRequest) -> SignedRequest {
    // Inside Lambda the client adds a header for tracing, which is not signed: browsers must not be asked
    // to send it. The length they send by themselves.
    let names = signed_headers(signed.uri());
    let is_sent =
        |name: &str| !name.eq_ignore_ascii_case("content-length") && names.contains(&name.to_ascii_lowercase());
    let headers = signed.headers().filter(|(name, _)| is_sent(name));
    SignedRequest {
        url: Secret::new(signed.uri()),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    }
}

/// Names of the headers that a signed address covers.
fn signed_headers(address: &str) -> Vec<String> {
    let list = address.split(['?', '&']).find_map(|part| part.strip_prefix("X-Amz-SignedHeaders="));
    list.unwrap_or_default().replace("%3B", ";").split(';').map(str::to_ascii_lowercase).collect()
}

/// The answer of S3 to a request that failed.
fn answer_of<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Answer<'_> {
    let status = error.raw_response().map(|response| response.status().as_u16());
    Answer { status, code: error.code(), message: error.message() }
}

/// The meaning of a failed request. Where S3 was busy, the client has tried again by then.
fn failed<E: std::error::Error + ProvideErrorMetadata + 'static>(asked: Asked, error: &SdkError<E>) -> StoreError {
    match error {
        SdkError::ServiceError(_) => answer_of(error).into_error(asked),
        // Nothing was sent: the request itself is wrong.
        SdkError::ConstructionFailure(_) => StoreError::Refused { asked, reason: chain(error) },
        // No answer, too late an answer, or one that broke off.
        _ => StoreError::Unavailable { asked, reason: chain(error) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_signed_must_be_sent() {
        let address =
            "https://b.s3.eu-north-1.amazonaws.com/a?X-Amz-Date=1&X-Amz-SignedHeaders=host%3Bif-none-match&x=1";
        assert_eq!(signed_headers(address), ["host", "if-none-match"]);
        assert!(!signed_headers("https://b.s3.eu-north-1.amazonaws.com/a").contains(&"x-amzn-trace-id".to_owned()));
    }

    #[tokio::test]
    async fn what_is_read_back_is_no_page() {
        let store = Store::new(StoreConfig {
            bucket: "lab-bucket".into(),
            region: "eu-north-1".into(),
            endpoint: None,
            access_key: Secret::new("id"),
            secret_key: Secret::new("key"),
            session_token: None,
        });
        let signed = store.sign_get(&ObjectKey::Share("00ff".into())).await.expect("signed");
        assert!(
            signed.url.reveal().contains("response-content-type=application%2Foctet-stream"),
            "{}",
            signed.url.reveal()
        );
    }

    #[test]
    fn credentials_are_not_shown() {
        let secret = || Secret::new("AKIAHIDDEN");
        let config = StoreConfig {
            bucket: "lab-bucket".into(),
            region: "eu-north-1".into(),
            endpoint: Some("http://127.0.0.1:9".into()),
            access_key: secret(),
            secret_key: secret(),
            session_token: Some(secret()),
        };
        let shown = format!("{config:?} {:?}", Store::new(config.clone()));
        assert!(shown.contains("lab-bucket") && !shown.contains("AKIAHIDDEN"), "{shown}");
    }
}
