//! S3: the only module that speaks it.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use aws_smithy_http_client::{Builder, tls};
use base64::Engine as _;
use wasm_core::Bytes;
use wasm_core::api::SignedRequest;

use crate::keys::ObjectKey;

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
    pub access_key: String,
    /// Secret key.
    pub secret_key: String,
    /// Token of a role's temporary credentials.
    pub session_token: Option<String>,
}

impl StoreConfig {
    /// What Lambda gives its functions, and `NEUROCYTE_BUCKET`.
    ///
    /// # Errors
    /// The name of the variable that is missing.
    pub fn from_env() -> Result<Self, String> {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let required = |name: &str| var(name).ok_or_else(|| format!("the environment variable {name} is not set"));
        Ok(Self {
            bucket: required("NEUROCYTE_BUCKET")?,
            region: required("AWS_REGION")?,
            endpoint: var("NEUROCYTE_S3_ENDPOINT"),
            access_key: required("AWS_ACCESS_KEY_ID")?,
            secret_key: required("AWS_SECRET_ACCESS_KEY")?,
            session_token: var("AWS_SESSION_TOKEN"),
        })
    }
}

/// What S3 answered that we did not ask for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The object exists already and must not be overwritten.
    #[error("{key} exists already")]
    Exists {
        /// Its key.
        key: String,
    },
    /// S3 refused or could not be reached; may be tried again.
    #[error("S3 could not serve {key}: {reason}")]
    Unavailable {
        /// The key, or prefix.
        key: String,
        /// What it said.
        reason: String,
    },
}

/// A bucket.
#[derive(Clone)]
pub struct Store {
    client: Client,
    bucket: String,
}

impl Store {
    /// Connects, which costs nothing until the first request.
    #[must_use]
    pub fn new(config: StoreConfig) -> Self {
        let plain = config.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        let http = if plain { Builder::new().build_http() } else { Builder::new().tls_provider(ring).build_https() };
        let credentials =
            Credentials::new(config.access_key, config.secret_key, config.session_token, None, "neurocyte");
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

    /// Makes the bucket if it is not there; for the local cloud.
    ///
    /// # Errors
    /// When S3 cannot be reached.
    pub async fn create_bucket(&self) -> Result<(), StoreError> {
        match self.client.create_bucket().bucket(&self.bucket).send().await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.code(), Some("BucketAlreadyExists" | "BucketAlreadyOwnedByYou")) => Ok(()),
            Err(error) => Err(unavailable(&self.bucket)(error)),
        }
    }

    /// Writes an object, replacing what was there.
    ///
    /// # Errors
    /// When S3 cannot be reached.
    pub async fn put(&self, key: &ObjectKey, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.put_request(key, bytes).send().await.map_err(unavailable(&key.path()))?;
        Ok(())
    }

    /// Writes an object that must not exist yet.
    ///
    /// # Errors
    /// [`StoreError::Exists`], or when S3 cannot be reached.
    pub async fn put_new(&self, key: &ObjectKey, bytes: Vec<u8>) -> Result<(), StoreError> {
        match self.put_request(key, bytes).if_none_match("*").send().await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.code(), Some("PreconditionFailed" | "ConditionalRequestConflict")) => {
                Err(StoreError::Exists { key: key.path() })
            }
            Err(error) => Err(unavailable(&key.path())(error)),
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
    /// When S3 cannot be reached.
    pub async fn get(&self, key: &ObjectKey) -> Result<Option<Bytes>, StoreError> {
        let path = key.path();
        match self.client.get_object().bucket(&self.bucket).key(&path).send().await {
            Ok(answer) => Ok(Some(answer.body.collect().await.map_err(unavailable(&path))?.into_bytes())),
            Err(error) if error.code() == Some("NoSuchKey") => Ok(None),
            Err(error) => Err(unavailable(&path)(error)),
        }
    }

    /// Keys that begin with `prefix`, sorted.
    ///
    /// # Errors
    /// When S3 cannot be reached.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let mut keys = Vec::new();
        let mut token = None;
        loop {
            let request =
                self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).set_continuation_token(token);
            let page = request.send().await.map_err(unavailable(prefix))?;
            keys.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
            token = page.next_continuation_token().map(str::to_owned);
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    /// Deletes objects; those that are not there do not matter.
    ///
    /// # Errors
    /// When S3 cannot be reached or keeps an object.
    pub async fn delete(&self, keys: &[String]) -> Result<(), StoreError> {
        for some in keys.chunks(DELETE_AT_A_TIME) {
            let object = |key: &String| ObjectIdentifier::builder().key(key).build().map_err(unavailable(key));
            let objects: Result<Vec<_>, _> = some.iter().map(object).collect();
            let delete =
                Delete::builder().set_objects(Some(objects?)).quiet(true).build().map_err(unavailable(&some[0]))?;
            let answer = self.client.delete_objects().bucket(&self.bucket).delete(delete).send().await;
            if let Some(kept) = answer.map_err(unavailable(&some[0]))?.errors().first() {
                let reason = kept.message().unwrap_or("it was not deleted").to_owned();
                return Err(StoreError::Unavailable { key: kept.key().unwrap_or_default().to_owned(), reason });
            }
        }
        Ok(())
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
        let signed = request.presigned(signing(&path)?).await.map_err(unavailable(&path))?;
        Ok(to_wire(&signed))
    }

    /// Signs a download.
    ///
    /// # Errors
    /// When signing fails, which needs no network.
    pub async fn sign_get(&self, key: &ObjectKey) -> Result<SignedRequest, StoreError> {
        let path = key.path();
        let request = self.client.get_object().bucket(&self.bucket).key(&path);
        let signed = request.presigned(signing(&path)?).await.map_err(unavailable(&path))?;
        Ok(to_wire(&signed))
    }
}

fn signing(path: &str) -> Result<PresigningConfig, StoreError> {
    PresigningConfig::expires_in(SIGNED_FOR).map_err(unavailable(path))
}

fn to_wire(signed: &PresignedRequest) -> SignedRequest {
    let headers = signed.headers().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
    SignedRequest {
        url: signed.uri().to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    }
}

fn unavailable<E: std::error::Error>(key: &str) -> impl FnOnce(E) -> StoreError {
    let key = key.to_owned();
    move |error| StoreError::Unavailable { key, reason: DisplayErrorContext(&error).to_string() }
}
