//! Compressed copies beside the files of the site, for servers that send them as they are.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;

use crate::shell::Outcome;

/// Endings of what compresses.
const COMPRESSED: [&str; 7] = ["wasm", "js", "css", "html", "svg", "json", "webmanifest"];

/// The largest window that every browser takes, as the power of two of its bytes.
const WINDOW: i32 = 22;

/// Writes a `.gz` and a `.br` beside each text or wasm file of a folder. Most of the time goes into the few large
/// ones, so each file has a thread.
pub fn beside(folder: &Path, brotli_quality: i32) -> Outcome {
    let files = files_of(folder)?;
    thread::scope(|scope| -> Outcome {
        let threads: Vec<_> = files.iter().map(|file| scope.spawn(move || both(file, brotli_quality))).collect();
        for thread in threads {
            thread.join().map_err(|_| "a file of the site could not be compressed")??;
        }
        Ok(())
    })
}

fn files_of(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_of(&path)?);
        } else if path.extension().is_some_and(|ending| COMPRESSED.iter().any(|known| ending == *known)) {
            found.push(path);
        }
    }
    Ok(found)
}

fn both(file: &Path, brotli_quality: i32) -> std::io::Result<()> {
    let bytes = fs::read(file)?;
    fs::write(with_ending(file, "gz"), gzip(&bytes)?)?;
    fs::write(with_ending(file, "br"), packed_by_brotli(&bytes, brotli_quality)?)
}

/// `app.js` becomes `app.js.br`.
pub fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn packed_by_brotli(mut bytes: &[u8], quality: i32) -> std::io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: WINDOW,
        size_hint: bytes.len(),
        ..brotli::enc::BrotliEncoderParams::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut packed, &parameters)?;
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn copies_hold_the_same() {
        let text = "Spikes, bursts and networks. ".repeat(200);
        for quality in [4, 11] {
            let (packed, mut read) = (packed_by_brotli(text.as_bytes(), quality).expect("packs"), Vec::new());
            brotli::Decompressor::new(packed.as_slice(), 4096).read_to_end(&mut read).expect("reads");
            assert_eq!(read, text.as_bytes());
            assert!(packed.len() < gzip(text.as_bytes()).expect("packs").len());
        }
    }

    #[test]
    fn copies_keep_the_whole_name() {
        assert_eq!(with_ending(Path::new("site/app_bg.wasm"), "br"), Path::new("site/app_bg.wasm.br"));
    }
}
