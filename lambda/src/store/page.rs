//! Lists page by page: of a long recording nobody needs all keys at once.

use aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder;
use aws_sdk_s3::primitives::DateTime;

use super::{Store, StoreError, failed};

/// Keys that one request tells, up to a thousand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Sorted.
    pub keys: Vec<String>,
    /// When each was written, in seconds since 1970, as far as S3 tells.
    pub written_s: Vec<Option<f64>>,
    /// The token of the next page; none behind the last one.
    pub next: Option<String>,
}

impl Store {
    /// The first keys that begin with `prefix`, or the first behind a key.
    ///
    /// # Errors
    /// When S3 refuses or cannot be reached.
    pub async fn page(&self, prefix: &str, behind: Option<&str>) -> Result<Page, StoreError> {
        let request = self.client.list_objects_v2().set_start_after(behind.map(str::to_owned));
        self.listed(prefix, request).await
    }

    /// The page that follows one, by its `next`.
    ///
    /// # Errors
    /// When S3 refuses or cannot be reached.
    pub async fn page_after(&self, prefix: &str, next: String) -> Result<Page, StoreError> {
        self.listed(prefix, self.client.list_objects_v2().continuation_token(next)).await
    }

    async fn listed(&self, prefix: &str, request: ListObjectsV2FluentBuilder) -> Result<Page, StoreError> {
        // The client's future is large, and lies within many others.
        let sent = Box::pin(request.bucket(&self.bucket).prefix(prefix).send()).await;
        let page = sent.map_err(|error| failed(self.asked("list", prefix), &error))?;
        let told = page
            .contents()
            .iter()
            .filter_map(|object| Some((object.key()?.to_owned(), object.last_modified().map(DateTime::as_secs_f64))));
        let (keys, written_s) = told.unzip();
        Ok(Page { keys, written_s, next: page.next_continuation_token().map(str::to_owned) })
    }
}
