//! Files from a drop or a file dialogue, with their paths.

use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry,
    HtmlInputElement,
};

/// A file with its path relative to the drop.
#[derive(Clone, Debug, PartialEq)]
pub struct DroppedFile {
    /// Such as `run_g0/run_g0_t0.imec0.ap.bin`.
    pub path: String,
    /// The browser's handle.
    pub file: File,
}

/// Some bytes of a file, as far as it has them; `None` where it cannot be read.
pub async fn bytes_of(file: &Blob, from: f64, to: f64) -> Option<Vec<u8>> {
    let blob = file.slice_with_f64_and_f64(from, to).ok()?;
    let buffer = JsFuture::from(blob.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Takes the file that was chosen out of its field, so that the same one may be chosen again, and hands on its name and
/// its text; no text where the browser cannot read it.
pub fn chosen_text(field: &HtmlInputElement, then: impl FnOnce(&str, Option<String>) + 'static) {
    let file = field.files().and_then(|list| list.get(0));
    field.set_value("");
    let Some(file) = file else { return };
    spawn_local(async move {
        let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
        then(&file.name(), text);
    });
}

/// Files of an input element; a folder's files carry their relative paths.
pub fn from_list(list: &FileList) -> Vec<DroppedFile> {
    (0..list.length()).filter_map(|index| list.get(index)).map(named).collect()
}

/// A file under its path in the folder that was chosen, else under its name.
fn named(file: File) -> DroppedFile {
    let relative = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
    DroppedFile { path: relative.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name()), file }
}

/// Files with those that were dropped after them; of two with one path the later counts. A file
/// without a folder belongs to that of the first.
pub fn together(before: &[DroppedFile], added: Vec<DroppedFile>) -> Vec<DroppedFile> {
    let folder = before.first().and_then(|file| Some(file.path.rsplit_once('/')?.0));
    let placed = |file: DroppedFile| match folder {
        Some(folder) if !file.path.contains('/') => DroppedFile { path: format!("{folder}/{}", file.path), ..file },
        _ => file,
    };
    let mut all: Vec<DroppedFile> = added.into_iter().map(placed).collect();
    let older: Vec<DroppedFile> =
        before.iter().filter(|old| all.iter().all(|new| new.path != old.path)).cloned().collect();
    all.extend(older);
    all
}

/// Entries of a drop; they must be taken before the event handler returns.
pub struct Dropped {
    entries: Vec<FileSystemEntry>,
    files: Vec<DroppedFile>,
}

impl Dropped {
    /// Takes hold of what was dropped.
    pub fn take(transfer: &DataTransfer) -> Self {
        let items = transfer.items();
        let entry = |index| items.get(index)?.webkit_get_as_entry().ok().flatten();
        let entries = (0..items.length()).filter_map(entry).collect();
        let files = transfer.files().map(|list| from_list(&list)).unwrap_or_default();
        Self { entries, files }
    }

    /// Entries and files that were taken hold of elsewhere.
    pub fn of(entries: &Array, files: &Array) -> Self {
        Self {
            entries: entries.iter().map(JsCast::unchecked_into::<FileSystemEntry>).collect(),
            files: files.iter().map(|file| named(file.unchecked_into())).collect(),
        }
    }

    /// Whether something was dropped that is no file, such as a text.
    pub fn is_nothing(&self) -> bool {
        self.entries.is_empty() && self.files.is_empty()
    }

    /// All files, with folders walked through, and the paths of what the browser may not read.
    pub async fn files(self) -> (Vec<DroppedFile>, Vec<String>) {
        // Drops made by scripts have files but no entries.
        if !self.entries.iter().any(FileSystemEntry::is_directory) {
            return (self.files, Vec::new());
        }
        let (mut found, mut closed) = (Vec::new(), Vec::new());
        let mut waiting = self.entries;
        while let Some(entry) = waiting.pop() {
            let path = entry.full_path().trim_start_matches('/').to_owned();
            if entry.is_directory() {
                match children(entry.unchecked_ref()).await {
                    Some(entries) => waiting.extend(entries),
                    None => closed.push(path),
                }
            } else {
                match file_of(entry.unchecked_ref()).await {
                    Some(file) => found.push(DroppedFile { path, file }),
                    None => closed.push(path),
                }
            }
        }
        (found, closed)
    }
}

async fn file_of(entry: &FileSystemFileEntry) -> Option<File> {
    let promise = Promise::new(&mut |resolve, reject| {
        entry.file_with_callback_and_callback(&resolve, &reject);
    });
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// Entries of a folder; browsers hand them out a hundred at a time. `None` where it cannot be read.
async fn children(folder: &FileSystemDirectoryEntry) -> Option<Vec<FileSystemEntry>> {
    let reader = folder.create_reader();
    let mut found = Vec::new();
    loop {
        let promise = Promise::new(&mut |resolve, reject| {
            let on_entries =
                Closure::once_into_js(move |entries: JsValue| drop(resolve.call1(&JsValue::NULL, &entries)));
            let on_error = Closure::once_into_js(move |error: JsValue| drop(reject.call1(&JsValue::NULL, &error)));
            drop(reader.read_entries_with_callback_and_callback(on_entries.unchecked_ref(), on_error.unchecked_ref()));
        });
        let some: Array = JsFuture::from(promise).await.ok()?.unchecked_into();
        if some.length() == 0 {
            return Some(found);
        }
        found.extend(some.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}
