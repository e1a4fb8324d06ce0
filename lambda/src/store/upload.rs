//! An object that is written while it is made, part by part: files of long runs fit no memory.

use std::io::Write;
use std::sync::{Arc, Mutex};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use super::{Store, StoreError, failed};
use crate::keys::ObjectKey;
use crate::threads::lock;

/// Bytes of a part, at least. S3 takes 5 MB to 5 GB, and 10,000 parts: 160 GB.
pub const PART_BYTES: usize = 16 << 20;

/// Bytes that are made and not sent yet.
#[derive(Clone, Debug, Default)]
pub struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An object on its way. Nothing of it is seen before it is finished; an upload that is given up, or cut short, is
/// removed by the bucket's own rule.
#[derive(Debug)]
pub struct Upload {
    store: Store,
    key: ObjectKey,
    sink: Sink,
    /// S3's name for it, once a part was sent.
    id: Option<String>,
    parts: Vec<CompletedPart>,
}

impl Upload {
    /// Nothing is sent yet.
    #[must_use]
    pub fn new(store: &Store, key: ObjectKey) -> Self {
        Self { store: store.clone(), key, sink: Sink::default(), id: None, parts: Vec::new() }
    }

    /// A writer; all that is written there is sent.
    #[must_use]
    pub fn sink(&self) -> Sink {
        self.sink.clone()
    }

    /// Requests that writing it took so far.
    #[must_use]
    pub fn n_requests(&self) -> u64 {
        self.parts.len() as u64 + u64::from(self.id.is_some())
    }

    /// Sends what there is, if that fills a part.
    ///
    /// # Errors
    /// When S3 refuses or cannot be reached.
    pub async fn send(&mut self) -> Result<(), StoreError> {
        if lock(&self.sink.0).len() < PART_BYTES {
            return Ok(());
        }
        self.send_part().await
    }

    /// Sends the rest; the object is there then, in place of an earlier one. Gives the requests that it took.
    ///
    /// # Errors
    /// When S3 refuses or cannot be reached.
    pub async fn finish(mut self) -> Result<u64, StoreError> {
        if self.id.is_none() {
            let bytes = std::mem::take(&mut *lock(&self.sink.0));
            self.store.put(&self.key, bytes).await?;
            return Ok(1);
        }
        if !lock(&self.sink.0).is_empty() {
            self.send_part().await?;
        }
        let n_requests = self.n_requests() + 1;
        let (path, all) = (self.key.path(), CompletedMultipartUpload::builder().set_parts(Some(self.parts)).build());
        let Store { client, bucket, .. } = &self.store;
        let request = client.complete_multipart_upload().bucket(bucket).key(&path).set_upload_id(self.id);
        let sent = request.multipart_upload(all).send().await;
        sent.map(|_| n_requests).map_err(|error| failed(self.store.asked("write", &path), &error))
    }

    /// Removes what was sent. What cannot be removed disturbs nobody, and goes with time.
    pub async fn give_up(self) {
        if let Some(id) = self.id {
            let Store { client, bucket, .. } = &self.store;
            let request = client.abort_multipart_upload().bucket(bucket).key(self.key.path()).upload_id(id);
            drop(request.send().await);
        }
    }

    async fn send_part(&mut self) -> Result<(), StoreError> {
        let path = self.key.path();
        let id = match &self.id {
            Some(id) => id.clone(),
            None => self.begin(&path).await?,
        };
        let bytes = std::mem::take(&mut *lock(&self.sink.0));
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let Store { client, bucket, .. } = &self.store;
        let request = client.upload_part().bucket(bucket).key(&path).upload_id(&id).part_number(number);
        let sent = request.body(ByteStream::from(bytes)).send().await;
        let sent = sent.map_err(|error| failed(self.store.asked("write", &path), &error))?;
        self.parts.push(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
        self.id = Some(id);
        Ok(())
    }

    /// S3's name for the upload.
    async fn begin(&self, path: &str) -> Result<String, StoreError> {
        let Store { client, bucket, .. } = &self.store;
        let request = client
            .create_multipart_upload()
            .bucket(bucket)
            .key(path)
            .content_type(self.key.content_type())
            .cache_control(self.key.cache_control());
        let begun = request.send().await.map_err(|error| failed(self.store.asked("write", path), &error))?;
        let unnamed = || StoreError::Unavailable {
            asked: self.store.asked("write", path),
            reason: "the storage gave the upload no name".into(),
        };
        begun.upload_id.ok_or_else(unnamed)
    }
}
