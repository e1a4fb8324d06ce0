//! Lists of keys from the one folder that they can be in, where `s3s-fs` walks the whole bucket for each.

use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use s3s::dto::{ListObjectsV2Input, ListObjectsV2Output, Object, Timestamp};

/// The most keys of a page: S3's limit.
const PAGE: usize = 1000;

/// A page of the keys of a bucket in this folder, sorted.
pub fn page(bucket: &Path, asked: ListObjectsV2Input) -> Result<ListObjectsV2Output> {
    let prefix = asked.prefix.clone().unwrap_or_default();
    let behind = asked.continuation_token.as_ref().max(asked.start_after.as_ref()).cloned().unwrap_or_default();
    let mut found = Vec::new();
    collect(bucket, folder_of(bucket, &prefix)?, &mut found)?;
    found.retain(|(key, _)| key.starts_with(&prefix) && *key > behind);
    found.sort();
    let most = asked.max_keys.map_or(PAGE, |wished| usize::try_from(wished).unwrap_or(0).min(PAGE));
    // S3 says of a page of no keys that it is the last.
    let is_truncated = most > 0 && found.len() > most;
    found.truncate(most);
    let next_continuation_token = found.last().filter(|_| is_truncated).map(|(key, _)| key.clone());
    // What is gone since is neither told nor counted.
    let contents: Vec<Object> = found.into_iter().filter_map(|(key, path)| object(key, &path).ok()).collect();
    Ok(ListObjectsV2Output {
        key_count: i32::try_from(contents.len()).ok(),
        max_keys: i32::try_from(most).ok(),
        is_truncated: Some(is_truncated),
        contents: Some(contents),
        next_continuation_token,
        name: Some(asked.bucket),
        prefix: asked.prefix,
        ..ListObjectsV2Output::default()
    })
}

/// The folder that holds all keys with this prefix.
fn folder_of(bucket: &Path, prefix: &str) -> Result<PathBuf> {
    let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
    if folder.split('/').any(|part| part == ".." || part == ".") || folder.starts_with('/') {
        return Err(Error::new(ErrorKind::InvalidInput, "a prefix that leads elsewhere"));
    }
    Ok(bucket.join(folder))
}

/// All files below a folder, with their keys. A folder that is not there, or is gone by now, holds none.
fn collect(bucket: &Path, folder: PathBuf, found: &mut Vec<(String, PathBuf)>) -> Result<()> {
    let mut waiting = vec![folder];
    while let Some(folder) = waiting.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                waiting.push(path);
            } else if let Some(key) = path.strip_prefix(bucket).ok().and_then(Path::to_str) {
                found.push((key.to_owned(), path));
            }
        }
    }
    Ok(())
}

fn object(key: String, path: &Path) -> Result<Object> {
    let metadata = path.metadata()?;
    Ok(Object {
        key: Some(key),
        last_modified: Some(Timestamp::from(metadata.modified()?)),
        size: i64::try_from(metadata.len()).ok(),
        ..Object::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(prefix: &str, behind: Option<String>) -> ListObjectsV2Input {
        ListObjectsV2Input {
            bucket: "bucket".into(),
            prefix: Some(prefix.into()),
            continuation_token: behind,
            ..ListObjectsV2Input::default()
        }
    }

    fn keys(page: &ListObjectsV2Output) -> Vec<String> {
        page.contents.iter().flatten().filter_map(|object| object.key.clone()).collect()
    }

    #[test]
    fn a_list_is_sorted_by_key_and_comes_page_by_page() {
        let bucket = std::env::temp_dir().join(format!("neurocyte-listing-{}", std::process::id()));
        let mut all = vec!["a.json".to_owned(), "a/b".into(), "ab/c/d".into(), "b/e".into()];
        all.extend((0..1500).map(|at| format!("many/{at:04}")));
        for key in &all {
            let path = bucket.join(key);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
            std::fs::write(path, "x").expect("writable");
        }
        let listed = |prefix: &str| keys(&page(&bucket, asked(prefix, None)).expect("a page"));
        assert_eq!(listed("a"), ["a.json", "a/b", "ab/c/d"]);
        assert_eq!(listed("a/"), ["a/b"]);
        assert_eq!(listed("ab/c/x"), Vec::<String>::new());
        assert_eq!(listed("nothing/at/all"), Vec::<String>::new());
        assert_eq!(listed("a.json/x"), Vec::<String>::new());
        let first = page(&bucket, asked("many/", None)).expect("a page");
        assert_eq!((keys(&first).len(), first.is_truncated, first.key_count), (1000, Some(true), Some(1000)));
        let last = page(&bucket, asked("many/", first.next_continuation_token)).expect("a page");
        assert_eq!((keys(&last).first().map(String::as_str), keys(&last).len()), (Some("many/1000"), 500));
        assert_eq!(last.next_continuation_token, None);
        let of = |max_keys: i32| {
            let asked = ListObjectsV2Input { max_keys: Some(max_keys), ..asked("a", None) };
            let page = page(&bucket, asked).expect("a page");
            (keys(&page), page.key_count, page.is_truncated, page.next_continuation_token)
        };
        let two = vec!["a.json".to_owned(), "a/b".into()];
        assert_eq!(of(2), (two, Some(2), Some(true), Some("a/b".into())));
        assert_eq!(of(3).2, Some(false));
        assert_eq!(of(0), (Vec::new(), Some(0), Some(false), None));
        for wrong in ["../x", "/etc/", "a/../../x"] {
            assert!(page(&bucket, asked(wrong, None)).is_err(), "{wrong}");
        }
        std::fs::remove_dir_all(&bucket).ok();
    }
}
