//! Dropped files as the core sees them.

use std::sync::Arc;

use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_core::io::{FileSet, NamedFile, ReadAt};
use web_sys::{Blob, File, FileReaderSync};

/// A file of this browser; the wrapper holds because a worker is one thread.
struct BrowserFile {
    file: SendWrapper<File>,
    reader: SendWrapper<FileReaderSync>,
}

impl ReadAt for BrowserFile {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "file sizes are whole numbers below 2^53"
    )]
    fn size_bytes(&self) -> u64 {
        self.file.size() as u64
    }

    #[expect(clippy::cast_precision_loss, reason = "file sizes stay below 2^53")]
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        let end = offset + buffer.len() as u64;
        if end > self.size_bytes() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let slice: Blob = self.file.slice_with_f64_and_f64(offset as f64, end as f64).map_err(changed)?;
        let bytes = js_sys::Uint8Array::new(&self.reader.read_as_array_buffer(&slice).map_err(changed)?.into());
        if bytes.length() as usize != buffer.len() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.copy_to(buffer);
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn changed(error: JsValue) -> std::io::Error {
    let name = js_sys::Reflect::get(&error, &"name".into()).ok().and_then(|name| name.as_string());
    std::io::Error::other(format!(
        "the browser cannot read it ({}); was it moved or changed?",
        name.unwrap_or_default()
    ))
}

/// The attached files under their paths.
pub fn file_set(paths: &[String], attached: &[JsValue]) -> FileSet {
    let named = |(path, file): (&String, &JsValue)| {
        let file: File = file.clone().dyn_into().ok()?;
        let reader = FileReaderSync::new().ok()?;
        let file = BrowserFile { file: SendWrapper::new(file), reader: SendWrapper::new(reader) };
        Some(NamedFile { path: path.clone(), file: Arc::new(file) })
    };
    FileSet::new(paths.iter().zip(attached).filter_map(named).collect())
}
