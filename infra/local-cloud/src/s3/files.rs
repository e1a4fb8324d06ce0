//! `s3s-fs` with downloads that are read at once, where it reads 4 kB at a time, each on another
//! thread, which takes a chunk of some megabytes a tenth of a second; with deletions that leave
//! nothing, where it keeps what it noted beside an object, and the folders; with lists that look only where
//! the keys can be; and with writes of a key one after the other, where of two that must not replace
//! anything both succeed.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CreateBucketInput, CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectsInput,
    DeleteObjectsOutput, GetObjectInput, GetObjectOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput,
    PutObjectOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tokio::sync::Mutex;

use super::listing;

/// Longer objects are streamed: results of long runs, which are not fetched many at a time.
const AT_ONCE_BYTES: i64 = 64 << 20;

/// Keys whose writes do not wait for one another, as a rule.
const TURNS: usize = 64;

/// What the store asks of S3, over a folder.
pub struct Files {
    inner: FileSystem,
    folder: PathBuf,
    /// Each held while a key that is one of its own is written.
    turns: [Mutex<()>; TURNS],
}

impl Files {
    pub fn new(folder: &Path) -> Result<Self, String> {
        let inner = FileSystem::new(folder).map_err(|error| format!("{error:?}"))?;
        sweep(folder);
        Ok(Self { inner, folder: folder.to_owned(), turns: std::array::from_fn(|_| Mutex::new(())) })
    }

    /// What is held while a key is written.
    fn turn(&self, key: &str) -> &Mutex<()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        &self.turns[usize::try_from(hasher.finish() % TURNS as u64).unwrap_or(0)]
    }

    /// Removes what was noted beside an object that is gone, and the folders that it leaves empty.
    /// What cannot be removed disturbs nobody.
    fn forget(&self, bucket: &str, key: &str) {
        let encode = |name: &str| URL_SAFE_NO_PAD.encode(name);
        for kind in ["metadata", "internal"] {
            let note = format!(".bucket-{}.object-{}.{kind}.json", encode(bucket), encode(key));
            drop(std::fs::remove_file(self.folder.join(note)));
        }
        let bucket = self.folder.join(bucket);
        for folder in bucket.join(key).ancestors().skip(1).take_while(|folder| *folder != bucket) {
            // One that is not empty stays.
            if std::fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }
}

/// Removes what was noted beside objects that are gone: a write that was cut, or that met a deletion, leaves it.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let object = entry.file_name().to_str().and_then(noted);
        if object.is_some_and(|object| !folder.join(object).exists()) {
            drop(std::fs::remove_file(entry.path()));
        }
    }
}

/// The object that a note of this name is of, below the folder; none for what is no such note.
fn noted(name: &str) -> Option<PathBuf> {
    let (bucket, rest) = name.strip_prefix(".bucket-")?.split_once(".object-")?;
    let key = rest.strip_suffix(".metadata.json").or_else(|| rest.strip_suffix(".internal.json"))?;
    let text = |encoded: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok();
    Some(Path::new(&text(bucket)?).join(text(key)?))
}

#[async_trait::async_trait]
impl S3 for Files {
    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let GetObjectInput { bucket, key, range, .. } = &request.input;
        let (path, range) = (self.folder.join(bucket).join(key), *range);
        // Refuses keys that lead out of the folder; the file that it opened is only read where it is long.
        let mut response = self.inner.get_object(request).await?;
        if response.output.content_length.is_none_or(|length| length > AT_ONCE_BYTES) {
            return Ok(response);
        }
        let read = move || -> std::io::Result<Vec<u8>> {
            let mut file = std::fs::File::open(path)?;
            let size_bytes = file.metadata()?.len();
            let wanted: ops::Range<u64> = match range {
                Some(range) => range.check(size_bytes).map_err(std::io::Error::other)?,
                None => 0..size_bytes,
            };
            file.seek(SeekFrom::Start(wanted.start))?;
            let n_bytes = wanted.end - wanted.start;
            let mut bytes = Vec::with_capacity(usize::try_from(n_bytes).map_err(std::io::Error::other)?);
            file.take(n_bytes).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let failed = |error: &dyn std::fmt::Display| s3_error!(InternalError, "{error}");
        let bytes = tokio::task::spawn_blocking(read).await.map_err(|error| failed(&error))?;
        response.output.body = Some(Body::from(bytes.map_err(|error| failed(&error))?).into());
        Ok(response)
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        // Whether the key is free is looked at before, and it is taken after the body was written.
        let _turn = self.turn(&request.input.key).lock().await;
        self.inner.put_object(request).await
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.inner.create_multipart_upload(request).await
    }

    async fn upload_part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        self.inner.upload_part(request).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        self.inner.complete_multipart_upload(request).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.inner.abort_multipart_upload(request).await
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        if request.input.delimiter.is_some() {
            return self.inner.list_objects_v2(request).await;
        }
        let bucket = self.folder.join(&request.input.bucket);
        if !bucket.is_dir() {
            return Err(s3_error!(NoSuchBucket));
        }
        let failed = |error: &dyn std::fmt::Display| s3_error!(InternalError, "{error}");
        let listed = tokio::task::spawn_blocking(move || listing::page(&bucket, request.input)).await;
        let page = listed.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        Ok(S3Response::new(page))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let bucket = request.input.bucket.clone();
        let response = self.inner.delete_objects(request).await?;
        for key in response.output.deleted.iter().flatten().filter_map(|object| object.key.as_ref()) {
            self.forget(&bucket, key);
        }
        Ok(response)
    }

    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        self.inner.create_bucket(request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_notes_of_objects_that_are_gone_are_swept() {
        let folder = std::env::temp_dir().join(format!("neurocyte-notes-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("lab/a")).expect("a folder");
        std::fs::write(folder.join("lab/a/there"), "x").expect("writable");
        let encode = |name: &str| URL_SAFE_NO_PAD.encode(name);
        let note = |key: &str, kind: &str| format!(".bucket-{}.object-{}.{kind}.json", encode("lab"), encode(key));
        let (kept, gone) = (note("a/there", "metadata"), note("a/gone", "internal"));
        for name in [kept.as_str(), gone.as_str(), "other.json"] {
            std::fs::write(folder.join(name), "{}").expect("writable");
        }
        sweep(&folder);
        let is_there = |name: &str| folder.join(name).exists();
        assert!(is_there(&kept) && is_there("other.json") && !is_there(&gone));
        std::fs::remove_dir_all(&folder).ok();
    }
}
