//! An S3 in memory that counts what is asked of it, for requests of the API whose price is bounded.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lambda::store::{Store, StoreConfig};
use tokio::net::TcpListener;
use wasm_core::secret::Secret;

const BUCKET: &str = "lab-bucket";

/// Keys of a page of a list.
const PAGE: usize = 1000;

/// What was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Writes and lists, which cost the same.
    pub writes: u64,
    /// Reads.
    pub reads: u64,
}

#[derive(Default)]
struct Inside {
    objects: BTreeMap<String, Vec<u8>>,
    /// When what was sent was written, in seconds since 1970.
    written_s: BTreeMap<String, u64>,
    asked: Asked,
    /// Starts of the keys of objects that go as soon as one is written whose key holds a text.
    goes_with: Vec<(&'static str, String)>,
}

/// The server.
#[derive(Clone, Default)]
pub struct CountingS3(Arc<Mutex<Inside>>);

impl CountingS3 {
    /// Starts one, with a store that speaks to it.
    pub async fn start() -> (Self, Store) {
        let server = Self::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let store = Store::new(StoreConfig {
            bucket: BUCKET.into(),
            region: "us-east-1".into(),
            endpoint: Some(endpoint),
            access_key: Secret::new("id"),
            secret_key: Secret::new("key"),
            session_token: None,
        });
        (server, store)
    }

    fn inside<T>(&self, look: impl FnOnce(&mut Inside) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was asked since this was asked last.
    pub fn asked(&self) -> Asked {
        self.inside(|inside| std::mem::take(&mut inside.asked))
    }

    /// Puts an object there as if it had always been.
    pub fn place(&self, key: &str, bytes: &[u8]) {
        self.inside(|inside| inside.objects.insert(key.to_owned(), bytes.to_vec()));
    }

    /// Has all objects whose keys begin so disappear as soon as one is written whose key holds `written`: somebody
    /// deletes meanwhile.
    pub fn goes_with(&self, written: &'static str, gone: String) {
        self.inside(|inside| inside.goes_with.push((written, gone)));
    }

    /// Makes everything as old as it can be.
    pub fn age(&self) {
        self.inside(|inside| inside.written_s.clear());
    }

    /// Keys that begin so.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        self.inside(|inside| inside.objects.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|two| std::str::from_utf8(two).ok());
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).expect("keys are text")
}

fn xml(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

fn error(status: StatusCode, code: &str) -> Response {
    xml(status, format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code></Error>"))
}

async fn answer(State(server): State<CountingS3>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 26).await.expect("a body").to_vec();
    let path = decoded(parts.uri.path());
    let key = path.strip_prefix(&format!("/{BUCKET}")).unwrap_or_default().trim_start_matches('/').to_owned();
    let asked = parts.uri.query().unwrap_or_default().split('&');
    let asked = asked.map(|part| part.split_once('=').unwrap_or((part, "")));
    let query: BTreeMap<String, String> = asked.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
    let is_new = parts.headers.contains_key(header::IF_NONE_MATCH);
    server.inside(|inside| match parts.method {
        Method::PUT => {
            inside.asked.writes += 1;
            if is_new && inside.objects.contains_key(&key) {
                return error(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
            }
            for (written, gone) in &inside.goes_with {
                if key.contains(written) {
                    inside.objects.retain(|key, _| !key.starts_with(gone));
                }
            }
            inside.written_s.insert(key.clone(), lambda::time::now_s());
            inside.objects.insert(key, body);
            StatusCode::OK.into_response()
        }
        Method::GET if key.is_empty() => {
            inside.asked.writes += 1;
            listed(inside, &query)
        }
        Method::GET => {
            inside.asked.reads += 1;
            match inside.objects.get(&key) {
                Some(bytes) => {
                    let written_s = inside.written_s.get(&key).copied().unwrap_or_default();
                    let date = DateTime::from_secs(written_s.cast_signed()).fmt(DateTimeFormat::HttpDate);
                    ([(header::LAST_MODIFIED, date.expect("a date"))], bytes.clone()).into_response()
                }
                None => error(StatusCode::NOT_FOUND, "NoSuchKey"),
            }
        }
        // Several deletions in one request, which costs nothing.
        _ => {
            let text = String::from_utf8_lossy(&body).into_owned();
            for key in text.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next()) {
                inside.objects.remove(key);
            }
            xml(
                StatusCode::OK,
                "<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></DeleteResult>".into(),
            )
        }
    })
}

fn listed(inside: &Inside, query: &BTreeMap<String, String>) -> Response {
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let (prefix, after) = (text("prefix"), text("continuation-token"));
    let keys = inside.objects.keys().filter(|key| key.starts_with(&prefix) && **key > after);
    let mut page: Vec<&String> = keys.take(PAGE + 1).collect();
    let is_cut = page.len() > PAGE;
    page.truncate(PAGE);
    let contents: Vec<String> = page.iter().map(|key| format!("<Contents><Key>{key}</Key></Contents>")).collect();
    let next = page.last().filter(|_| is_cut);
    let next = next.map(|key| format!("<NextContinuationToken>{key}</NextContinuationToken>")).unwrap_or_default();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>{is_cut}</IsTruncated>{next}{}\
         </ListBucketResult>",
        contents.concat()
    );
    xml(StatusCode::OK, body)
}
