//! One listener: `/api` and `/share` are the API, the bucket's path is S3, calls that name an operation
//! of Step Functions are for the engine, all else is the site.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use lambda::api::Cloud;
use lambda::executions::Executions;
use lambda::invitations::Secret;
use lambda::invitations::owner::{Invite, InviteError, make};
use lambda::store::{Store, StoreConfig, StoreError};
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

use crate::engine::Engine;
use crate::policy::CONTENT_SECURITY_POLICY;
use crate::{invitation, s3, states};

/// The bucket of the local cloud.
const BUCKET: &str = "neurocyte-data";

/// Who signs; the secret is a new one at every start.
const ACCESS_KEY: &str = "local";

/// How to serve.
#[derive(Clone, Debug)]
pub struct Config {
    /// Port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Folder for recordings and results.
    pub data: PathBuf,
    /// Folder of the built site.
    pub site: PathBuf,
}

/// Why the local cloud could not start.
#[derive(Debug)]
pub enum StartError {
    /// Another program listens on the port.
    PortBusy(u16),
    /// The folder or socket could not be used.
    Io(String, std::io::Error),
    /// The S3 server did not come up.
    S3(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PortBusy(port) => {
                write!(f, "port {port} is in use, perhaps by another Neurocyte; stop it or choose another with --port")
            }
            Self::Io(what, error) => write!(f, "{what}: {error}"),
            Self::S3(reason) => write!(f, "the local S3 did not start: {reason}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::S3(error.to_string())
    }
}

impl From<InviteError> for StartError {
    fn from(error: InviteError) -> Self {
        Self::S3(error.to_string())
    }
}

/// Answers that are kept for whoever watches and has not looked yet.
const WATCHED: usize = 4096;

/// A request to the bucket that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Such as `PUT`.
    pub method: Method,
    /// The object's key; empty for the bucket itself.
    pub key: String,
    /// Status of the answer.
    pub status: u16,
}

/// A running local cloud.
pub struct Running {
    /// Where the page is, such as `http://127.0.0.1:8080`.
    pub address: String,
    /// Code of the invitation that lets this computer's pages upload.
    pub invitation: Secret,
    store: Store,
    server: JoinHandle<()>,
    engine: Engine,
    answers: broadcast::Sender<Answered>,
}

impl Running {
    /// Where the page is, with the invitation: what a person opens first.
    #[must_use]
    pub fn link(&self) -> String {
        format!("{}/#/invitation/{}", self.address, self.invitation.reveal())
    }

    /// Makes another invitation, as `neurocyte invite` does, and gives its code.
    ///
    /// # Errors
    /// When a value is outside its bounds, or the folder cannot be written.
    pub async fn invite(&self, wish: Invite) -> Result<Secret, InviteError> {
        make(&self.store, wish).await
    }

    /// The bucket, as its owner sees it.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What is asked of the bucket from now on, and how it is answered.
    #[must_use]
    pub fn watch(&self) -> broadcast::Receiver<Answered> {
        self.answers.subscribe()
    }

    /// Runs that are being worked on.
    #[must_use]
    pub fn n_running(&self) -> usize {
        self.engine.n_running()
    }

    /// Stops answering.
    pub fn stop(&self) {
        self.server.abort();
    }

    /// Waits for Ctrl-C or a request to end.
    pub async fn until_interrupted(self) {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
        let terminated = async {
            match &mut terminate {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated => {}
        }
        self.stop();
    }
}

/// Starts everything; returns when the page can be opened.
///
/// # Errors
/// When the port is taken or the data folder cannot be used.
pub async fn serve(config: Config) -> Result<Running, StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortBusy(config.port),
        _ => StartError::Io(format!("port {}", config.port), error),
    })?;
    let port = listener.local_addr().map_err(|error| StartError::Io("the listener".into(), error))?.port();
    let address = format!("http://127.0.0.1:{port}");
    let objects = config.data.join("objects");
    std::fs::create_dir_all(&objects).map_err(|error| StartError::Io(objects.display().to_string(), error))?;

    let secret = || lambda::random::hex(32).map_err(|error| StartError::Io("random numbers".into(), error));
    let (secret_key, token) = (secret()?, secret()?);
    let config_of_store = StoreConfig {
        bucket: BUCKET.into(),
        region: "us-east-1".into(),
        endpoint: Some(address.clone()),
        access_key: ACCESS_KEY.to_owned().into(),
        secret_key: secret_key.clone().into(),
        session_token: None,
    };
    let with_token = StoreConfig { session_token: Some(token.clone().into()), ..config_of_store.clone() };
    let executions = Executions::new(states::MACHINE.into(), Some(address.clone()), &with_token);
    let store = Store::new(config_of_store);
    let engine = Engine::start(store.clone());
    let bucket = s3::router(&objects, ACCESS_KEY, &secret_key).map_err(StartError::S3)?;
    let own_host = format!("127.0.0.1:{port}");
    let api = lambda::api::router(Cloud { store: store.clone(), executions: Some(executions) });
    let (answers, _) = broadcast::channel(WATCHED);
    let parts = Parts { bucket, api, own_host, answers: answers.clone(), engine: engine.clone(), token: token.into() };
    let router =
        site(&config.site).layer(middleware::from_fn(move |request, next| route(parts.clone(), request, next)));
    let server = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            eprintln!("neurocyte: the server ended: {error}");
        }
    });
    store.create_bucket().await?;
    engine.resume(&store).await?;
    let invitation = invitation::own(&store, &config.data).await?;
    Ok(Running { address, invitation, store, server, engine, answers })
}

/// The built site; unknown addresses give the page, which shows what it knows of them.
fn site(folder: &std::path::Path) -> Router {
    let page = ServeFile::new(folder.join("index.html"));
    Router::new()
        .fallback_service(ServeDir::new(folder).precompressed_br().precompressed_gzip().fallback(page))
        .layer(middleware::from_fn(page_headers))
}

async fn page_headers(request: Request, next: Next) -> Response {
    with_page_headers(next.run(request).await)
}

fn with_page_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY.clone());
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Whoever sent an object chose what it says it is, and here it lies at the page's own address: opened by itself it
/// does nothing.
fn inert(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// What answers, beside the site.
#[derive(Clone)]
struct Parts {
    bucket: Router,
    api: Router,
    own_host: String,
    answers: broadcast::Sender<Answered>,
    engine: Engine,
    token: Arc<str>,
}

/// S3 addresses must reach the S3 server unchanged, because their path is signed. Other names
/// of this machine are sent to the one that signed addresses carry.
async fn route(parts: Parts, request: Request, next: Next) -> Response {
    let Parts { bucket, api, own_host, answers, engine, token } = parts;
    let path = request.uri().path();
    let key = key_of(path).map(str::to_owned);
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host != Some(own_host.as_str()) {
        if request.method() == Method::GET && key.is_none() && !path.starts_with("/api") {
            return Redirect::temporary(&format!("http://{own_host}{}", request.uri())).into_response();
        }
        // A page of another origin that guesses the port must not reach the API by name.
        return (StatusCode::MISDIRECTED_REQUEST, format!("use http://{own_host}")).into_response();
    }
    if let Some(key) = key {
        let method = request.method().clone();
        let response = call(bucket, request).await;
        // Nobody watches, as a rule.
        drop(answers.send(Answered { method, key, status: response.status().as_u16() }));
        return inert(response);
    }
    if let Some(operation) = states::operation(request.headers()) {
        return states::answer(&engine, &token, &operation, request).await;
    }
    if is_of_api(path) {
        return call(api, request).await;
    }
    if path.starts_with("/share/") {
        return with_page_headers(call(api, request).await);
    }
    next.run(request).await
}

/// Whether an address is meant for the API, which says where it leads nowhere; the site would answer it with the page.
fn is_of_api(path: &str) -> bool {
    path.trim_start_matches('/').split('/').next().is_some_and(|first| first.eq_ignore_ascii_case("api"))
}

/// The key that an address of the bucket names; none for other addresses.
fn key_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?.strip_prefix(BUCKET)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

async fn call(router: Router, request: Request) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;

    use super::{Request, header, is_of_api, key_of, site};

    #[tokio::test]
    async fn files_are_sent_as_small_as_the_browser_takes_them() {
        let folder = std::env::temp_dir().join(format!("neurocyte-site-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        for name in ["app.js", "app.js.gz", "app.js.br", "index.html"] {
            std::fs::write(folder.join(name), name).expect("writable");
        }
        for (accepted, sent) in [("gzip, deflate, br", "app.js.br"), ("gzip", "app.js.gz"), ("identity", "app.js")] {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = "/app.js".parse().expect("an address");
            request.headers_mut().insert(header::ACCEPT_ENCODING, accepted.parse().expect("a value"));
            let response = site(&folder).oneshot(request).await.expect("an answer");
            let body = to_bytes(response.into_body(), 100).await.expect("a body");
            assert_eq!(body, sent.as_bytes(), "{accepted}");
        }
        std::fs::remove_dir_all(&folder).ok();
    }

    #[test]
    fn keys_are_those_of_the_bucket() {
        assert_eq!(key_of("/neurocyte-data/recordings/1/a"), Some("recordings/1/a"));
        assert_eq!(key_of("/neurocyte-data"), Some(""));
        assert_eq!(key_of("/neurocyte-database/a"), None);
        assert_eq!(key_of("/api/health"), None);
    }

    #[test]
    fn what_looks_like_the_api_is_answered_by_it() {
        for path in ["/api/health", "//api/health", "/api", "/API/health"] {
            assert!(is_of_api(path), "{path}");
        }
        for path in ["/", "/apis", "/share/api", "/app.js"] {
            assert!(!is_of_api(path), "{path}");
        }
    }
}
