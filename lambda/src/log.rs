//! The log of the cloud: one line of JSON for each request and each step of a run.
//!
//! Lines name routes, runs and slices. They never hold an owner's key, the token of a share or a signed address: of a
//! request only its method and the pattern of its route are written, of an event only the key of the run's request.
//! Nothing below the level “info” is written, whatever the environment says: libraries write addresses and headers
//! there.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::Value;
use tracing::{Level, Subscriber};
use tracing_subscriber::fmt::MakeWriter;

use crate::handlers::StepError;

/// Begins the log of a function, on the standard error, from where Lambda takes it.
pub fn begin() {
    // Where a log has begun already it stays.
    let _ = tracing::subscriber::set_global_default(lines(std::io::stderr));
}

/// Begins the log of the local cloud: only what went wrong, as text for people.
pub fn begin_on_this_machine() {
    let text = tracing_subscriber::fmt().with_max_level(Level::WARN).with_target(false).without_time();
    let _ = tracing::subscriber::set_global_default(text.with_writer(std::io::stderr).finish());
}

/// Writes lines of JSON: time, level, message and fields side by side, and the id of Lambda's request.
fn lines<W>(writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(Level::INFO)
        .with_writer(writer)
        .finish()
}

/// Writes a line when a request is answered. The address itself is not written: it may hold a token.
pub async fn request(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    let start = Instant::now();
    let response = next.run(request).await;
    tracing::info!(
        method = method.as_str(),
        route = route.as_deref().unwrap_or("none"),
        status = response.status().as_u16(),
        seconds = start.elapsed().as_secs_f64(),
        "request answered"
    );
    response
}

/// The fields of a step's line.
pub struct Step {
    /// Key of the run's request; none where the event has none.
    run: Option<String>,
    /// Index of the slice, where it is a slice's.
    slice: Option<u64>,
    start: Instant,
}

impl Step {
    /// A step that begins with this event.
    #[must_use]
    pub fn of(event: &Value) -> Self {
        Self {
            run: event["request_key"].as_str().map(str::to_owned),
            slice: event["slice"].as_u64(),
            start: Instant::now(),
        }
    }

    /// Writes a line when it has ended.
    pub fn ended<R>(&self, outcome: &Result<R, StepError>) {
        let run = self.run.as_deref().unwrap_or("none");
        let seconds = self.start.elapsed().as_secs_f64();
        match outcome {
            Ok(_) => tracing::info!(run, slice = self.slice, seconds, "step done"),
            Err(error) => {
                let reason = error.to_string();
                tracing::error!(run, slice = self.slice, seconds, kind = error.name(), reason, "step failed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use serde_json::json;
    use tower::ServiceExt;

    use super::*;

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Kept {
        /// A log that is kept here.
        fn log(&self) -> impl Subscriber + Send + Sync + use<> {
            let kept = self.clone();
            lines(move || kept.clone())
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("lock").clone()).expect("text")
        }
    }

    #[tokio::test]
    async fn a_line_names_the_route_and_holds_no_token() {
        let kept = Kept::default();
        let guard = tracing::subscriber::set_default(kept.log());
        let router = Router::new().route("/share/{token}", get(|| async { "ok" })).layer(from_fn(request));
        let asked = axum::http::Request::builder()
            .uri("/share/s3cret?key=s3cret")
            .header("authorization", "Bearer s3cret")
            .body(Body::empty())
            .expect("a request");
        assert_eq!(router.oneshot(asked).await.expect("an answer").status(), StatusCode::OK);
        drop(guard);
        let text = kept.text();
        let line: Value = serde_json::from_str(&text).expect("one line of JSON");
        assert_eq!((&line["method"], &line["route"]), (&json!("GET"), &json!("/share/{token}")), "{text}");
        assert_eq!((&line["status"], &line["level"]), (&json!(200), &json!("INFO")), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
    }

    #[test]
    fn a_step_names_its_run_and_its_slice() {
        let kept = Kept::default();
        tracing::subscriber::with_default(kept.log(), || {
            let step = Step::of(&json!({ "request_key": "recordings/a/runs/b/request.json", "slice": 3 }));
            step.ended(&Ok(()));
            step.ended::<()>(&Err(StepError::Missing { key: "a/b".into() }));
            tracing::debug!("an address");
        });
        let text = kept.text();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines.iter().all(|line| line["run"] == "recordings/a/runs/b/request.json" && line["slice"] == 3));
        assert_eq!((&lines[1]["kind"], &lines[1]["reason"]), (&json!("Final"), &json!("a/b is missing")), "{text}");
    }
}
