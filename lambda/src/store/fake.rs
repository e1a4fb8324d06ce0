//! As much of S3 as tests of lists, deletions and uploads need, in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use wasm_core::secret::Secret;

use super::{Store, StoreConfig};
use crate::threads::lock;

/// Keys of a page.
pub const PAGE_KEYS: usize = 10;

/// The bucket, and what was asked of it.
#[derive(Default)]
pub struct Fake {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    parts: Mutex<BTreeMap<i32, Vec<u8>>>,
    asked: Mutex<Vec<&'static str>>,
    /// Deletions that are answered before one is refused.
    deletions_left: Mutex<Option<usize>>,
    /// Objects that appear as soon as others are gone.
    late: Mutex<HashMap<String, String>>,
}

impl Fake {
    /// A bucket with these objects, and a store that asks it.
    pub async fn serve(keys: impl IntoIterator<Item = String>) -> (Store, Arc<Self>) {
        let fake = Arc::new(Self::default());
        lock(&fake.objects).extend(keys.into_iter().map(|key| (key, b"{}".to_vec())));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let answering = Arc::clone(&fake);
        let answer = move |method: Method, uri: Uri, body: Bytes| {
            let answer = answering.answer(&method, &uri, &body);
            async move { answer }
        };
        let router = Router::new().fallback(answer).layer(DefaultBodyLimit::disable());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let store = Store::new(StoreConfig {
            bucket: "lab-bucket".into(),
            region: "us-east-1".into(),
            endpoint: Some(endpoint),
            access_key: Secret::new("none"),
            secret_key: Secret::new("none"),
            session_token: None,
        });
        (store, fake)
    }

    /// Keys that are there.
    pub fn keys(&self) -> Vec<String> {
        lock(&self.objects).keys().cloned().collect()
    }

    /// An object.
    pub fn object(&self, key: &str) -> Option<Vec<u8>> {
        lock(&self.objects).get(key).cloned()
    }

    /// How often this was asked.
    pub fn n_asked(&self, what: &str) -> usize {
        lock(&self.asked).iter().filter(|asked| **asked == what).count()
    }

    /// Refuses a deletion once so many were answered; none for never.
    pub fn refuse_deletion_after(&self, n: Option<usize>) {
        *lock(&self.deletions_left) = n;
    }

    /// Has an object appear as soon as another one is deleted.
    pub fn place_when_gone(&self, gone: &str, placed: String) {
        lock(&self.late).insert(gone.to_owned(), placed);
    }

    fn answer(&self, method: &Method, uri: &Uri, body: &[u8]) -> Response {
        let query: HashMap<String, String> = uri.query().unwrap_or_default().split('&').map(pair).collect();
        let key =
            decoded(uri.path()).trim_start_matches('/').split_once('/').map_or_else(String::new, |of| of.1.into());
        let has = |name: &str| query.contains_key(name);
        let asked = match (method.as_str(), key.is_empty()) {
            ("GET", true) => "list",
            ("GET", false) => "get",
            ("PUT", _) if has("partNumber") => "part",
            ("PUT", _) => "put",
            ("POST", _) if has("delete") => "delete",
            ("POST", _) if has("uploads") => "begin",
            ("POST", _) => "complete",
            _ => "abort",
        };
        lock(&self.asked).push(asked);
        match asked {
            "list" => xml(StatusCode::OK, &self.list(&query)),
            "get" => {
                self.object(&key).map_or_else(|| error(StatusCode::NOT_FOUND, "NoSuchKey"), IntoResponse::into_response)
            }
            "part" => {
                let number = query["partNumber"].parse().expect("a number");
                lock(&self.parts).insert(number, body.to_vec());
                (StatusCode::OK, [(header::ETAG, format!("\"{number}\""))]).into_response()
            }
            "put" => {
                lock(&self.objects).insert(key, body.to_vec());
                (StatusCode::OK, [(header::ETAG, "\"0\"")]).into_response()
            }
            "delete" => self.delete(&String::from_utf8_lossy(body)),
            "begin" => {
                let id = "<UploadId>one</UploadId>";
                xml(StatusCode::OK, &format!("<InitiateMultipartUploadResult>{id}</InitiateMultipartUploadResult>"))
            }
            "complete" => {
                let parts = std::mem::take(&mut *lock(&self.parts));
                lock(&self.objects).insert(key, parts.into_values().flatten().collect());
                xml(StatusCode::OK, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")
            }
            _ => {
                lock(&self.parts).clear();
                StatusCode::NO_CONTENT.into_response()
            }
        }
    }

    fn list(&self, query: &HashMap<String, String>) -> String {
        let prefix = query.get("prefix").cloned().unwrap_or_default();
        let behind = query.get("continuation-token").or_else(|| query.get("start-after")).cloned().unwrap_or_default();
        let keys: Vec<String> =
            self.keys().into_iter().filter(|key| key.starts_with(&prefix) && *key > behind).collect();
        let page = &keys[..keys.len().min(PAGE_KEYS)];
        let contents: String = page.iter().flat_map(|key| ["<Contents><Key>", key, "</Key></Contents>"]).collect();
        let next = page.last().filter(|_| keys.len() > PAGE_KEYS);
        let next = next.map(|key| format!("<NextContinuationToken>{key}</NextContinuationToken>")).unwrap_or_default();
        format!("<ListBucketResult>{contents}{next}</ListBucketResult>")
    }

    fn delete(&self, body: &str) -> Response {
        let mut left = lock(&self.deletions_left);
        if *left == Some(0) {
            return error(StatusCode::FORBIDDEN, "AccessDenied");
        }
        *left = left.map(|n| n - 1);
        for part in body.split("<Key>").skip(1) {
            let key = part.split("</Key>").next().unwrap_or_default();
            let mut objects = lock(&self.objects);
            objects.remove(key);
            objects.extend(lock(&self.late).remove(key).map(|late| (late, b"{}".to_vec())));
        }
        xml(StatusCode::OK, "<DeleteResult></DeleteResult>")
    }
}

fn xml(status: StatusCode, body: &str) -> Response {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{body}");
    (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

fn error(status: StatusCode, code: &str) -> Response {
    xml(status, &format!("<Error><Code>{code}</Code><Message>words of S3</Message></Error>"))
}

fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (decoded(name), decoded(value))
}

/// Only slashes are encoded in the keys of these tests.
fn decoded(text: &str) -> String {
    text.replace("%2F", "/")
}

mod tests {
    use super::*;
    use crate::keys::{Id, ObjectKey};
    use crate::store::Upload;
    use std::io::Write;

    #[tokio::test]
    async fn lists_come_page_by_page() {
        let keys: Vec<String> = (10..43).map(|at| format!("a/{at}")).collect();
        let (store, fake) = Fake::serve(keys.iter().cloned().chain(["b/10".to_owned()])).await;
        assert_eq!(store.list("a/").await, Ok(keys.clone()));
        assert_eq!(fake.n_asked("list"), 4);
        let first = store.page("a/", None).await.expect("a page");
        assert_eq!((&first.keys[..], first.next.is_some()), (&keys[..10], true));
        let last = store.page("a/", Some("a/35")).await.expect("a page");
        assert_eq!((&last.keys[..], last.next), (&keys[26..], None));
    }

    #[tokio::test]
    async fn a_long_object_goes_in_parts_and_a_short_one_at_once() {
        let (store, fake) = Fake::serve([]).await;
        let key = ObjectKey::Traces(Id::parse("0123456789abcdef0123456789abcdef").expect("an id"), "x".into());
        let mut short = Upload::new(&store, key.clone());
        short.sink().write_all(b"short").expect("writes");
        short.send().await.expect("waits");
        assert_eq!(fake.keys(), Vec::<String>::new());
        assert_eq!(short.finish().await, Ok(1));
        assert_eq!(fake.object(&key.path()).as_deref(), Some(&b"short"[..]));
        let mut long = Upload::new(&store, key.clone());
        let mut bytes = Vec::new();
        for at in 0..5_u8 {
            let some = vec![at; 7 << 20];
            long.sink().write_all(&some).expect("writes");
            long.send().await.expect("sends");
            bytes.extend(some);
        }
        // Three pieces fill a part; the last two are the rest.
        assert_eq!((fake.n_asked("part"), long.n_requests()), (1, 2));
        assert_eq!(long.finish().await, Ok(4));
        assert!(fake.object(&key.path()) == Some(bytes), "the parts make the whole");
        let mut left = Upload::new(&store, key.clone());
        left.sink().write_all(&vec![7_u8; 17 << 20]).expect("writes");
        left.send().await.expect("sends");
        left.give_up().await;
        assert_eq!(fake.n_asked("abort"), 1);
        assert_eq!(fake.object(&key.path()).map(|bytes| bytes.len()), Some(35 << 20), "what was there stays");
    }
}
