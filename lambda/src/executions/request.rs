//! One signed call of Step Functions: JSON in, JSON out.
//!
//! Protocol: <https://docs.aws.amazon.com/step-functions/latest/apireference/>.

use std::error::Error;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;
use wasm_core::secret::Secret;

use crate::store::{StoreConfig, chain};

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Longest time for an answer; it comes within some tens of milliseconds.
const PATIENCE: Duration = Duration::from_secs(8);

/// The answer of Step Functions.
pub enum Answer {
    /// The operation is done; this came of it.
    Done(Value),
    /// It is not, for a reason that has to do with this one execution: its code.
    Known(String),
    /// It is not, and will not be the next time: why.
    Refused(String),
    /// It may be the next time: why not now.
    Busy(String),
}

/// Signs and sends.
pub struct Sender {
    connector: Connector,
    identity: Identity,
    region: String,
    endpoint: String,
}

impl Sender {
    pub fn new(endpoint: Option<String>, store: &StoreConfig) -> Self {
        let endpoint = endpoint.unwrap_or_else(|| address(&store.region));
        let ring = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
        let builder = Connector::builder();
        let connector =
            if endpoint.starts_with("http://") { builder.build_http() } else { builder.tls_provider(ring).build() };
        let credentials = Credentials::new(
            store.access_key.reveal(),
            store.secret_key.reveal(),
            store.session_token.clone().map(Secret::into_revealed),
            None,
            "neurocyte",
        );
        Self { connector, identity: credentials.into(), region: store.region.clone(), endpoint }
    }

    /// Calls an operation such as `StartExecution`; the error says why there was no answer.
    pub async fn send(&self, operation: &str, body: &Value) -> Result<Answer, String> {
        let request = self.signed(operation, body).map_err(|error| error.to_string())?;
        let answered = async {
            let response = self.connector.call(request).await.map_err(|error| chain(&error))?;
            let status = response.status().as_u16();
            let body = ByteStream::new(response.into_body()).collect().await.map_err(|error| chain(&error))?;
            Ok::<_, String>((status, body.into_bytes()))
        };
        let late = || Err(format!("there was no answer within {} s", PATIENCE.as_secs()));
        let (status, bytes) = tokio::time::timeout(PATIENCE, answered).await.unwrap_or_else(|_| late())?;
        Ok(understood(status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }

    fn signed(&self, operation: &str, body: &Value) -> Result<HttpRequest, Box<dyn Error + Send + Sync>> {
        let (address, target) = (format!("{}/", self.endpoint), format!("AWSStepFunctions.{operation}"));
        let body = body.to_string();
        let headers = [("content-type", CONTENT_TYPE), ("x-amz-target", target.as_str())];
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name("states")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable =
            SignableRequest::new("POST", address.as_str(), headers.into_iter(), SignableBody::Bytes(body.as_bytes()))?;
        let (instructions, _signature) = sign(signable, &parameters)?.into_parts();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST")?;
        request.set_uri(address.as_str())?;
        for (name, value) in headers.into_iter().chain(instructions.headers()) {
            request.headers_mut().try_insert(name.to_owned(), value.to_owned())?;
        }
        Ok(request)
    }
}

/// Where Step Functions is in a region.
fn address(region: &str) -> String {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://states.{region}.{domain}")
}

/// The meaning of an answer. Codes come with a name space in front, as in `com.amazonaws.swf#Throttled`.
fn understood(status: u16, body: Value) -> Answer {
    if (200..300).contains(&status) {
        return Answer::Done(body);
    }
    let code = body["__type"].as_str().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default().to_owned();
    let message = body["message"].as_str().or_else(|| body["Message"].as_str()).unwrap_or_default();
    let reason = match (code.is_empty(), message.is_empty()) {
        (true, true) => format!("it answered with status {status}"),
        (false, true) => code.clone(),
        (true, false) => message.to_owned(),
        (false, false) => format!("{code}: {message}"),
    };
    let may_pass = status >= 500
        || status == 429
        // `ExecutionLimitExceeded` is a bucket that fills again; after `ExpiredTokenException`
        // another process gets new credentials of its role.
        || ["Throttl", "TooManyRequests", "LimitExceeded", "ExpiredToken"].iter().any(|part| code.contains(part));
    match code.as_str() {
        "ExecutionAlreadyExists" | "ExecutionDoesNotExist" => Answer::Known(code),
        _ if may_pass => Answer::Busy(reason),
        _ => Answer::Refused(reason),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kind(answer: &Answer) -> &'static str {
        match answer {
            Answer::Done(_) => "done",
            Answer::Known(_) => "known",
            Answer::Refused(_) => "refused",
            Answer::Busy(_) => "busy",
        }
    }

    #[test]
    fn answers_are_final_or_may_pass() {
        for (status, code, expected) in [
            (200, "", "done"),
            (400, "com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists", "known"),
            (400, "ExecutionDoesNotExist", "known"),
            (400, "com.amazon.coral.availability#ThrottlingException", "busy"),
            (400, "ExecutionLimitExceeded", "busy"),
            (400, "ExpiredTokenException", "busy"),
            (400, "AccessDeniedException", "refused"),
            (400, "StateMachineDoesNotExist", "refused"),
            (403, "", "refused"),
            (503, "", "busy"),
        ] {
            let answer = understood(status, json!({ "__type": code, "message": "on purpose" }));
            assert_eq!(kind(&answer), expected, "{status} {code}");
        }
    }

    #[test]
    fn a_call_is_signed_for_step_functions() {
        let store = StoreConfig {
            bucket: "lab-bucket".into(),
            region: "eu-north-1".into(),
            endpoint: None,
            access_key: Secret::new("id"),
            secret_key: Secret::new("key"),
            session_token: Some(Secret::new("token")),
        };
        let sender = Sender::new(Some("http://127.0.0.1:9".into()), &store);
        let request = sender.signed("StopExecution", &json!({})).expect("signs");
        assert_eq!((request.method(), request.uri()), ("POST", "http://127.0.0.1:9/"));
        let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
        assert_eq!(header("x-amz-target"), "AWSStepFunctions.StopExecution");
        assert_eq!(header("x-amz-security-token"), "token");
        let authorization = header("authorization");
        assert!(authorization.contains("/eu-north-1/states/aws4_request"), "{authorization}");
        let signed = "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target";
        assert!(authorization.contains(signed), "{authorization}");
        assert_eq!(address("eu-north-1"), "https://states.eu-north-1.amazonaws.com");
        assert_eq!(address("cn-north-1"), "https://states.cn-north-1.amazonaws.com.cn");
    }
}
