//! Lines of a table, plain or packed by gzip, read in pieces.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use crate::io::{NamedFile, SharedFile};

/// Bytes that are read at once of a long table, and of what a packed one unpacks to.
pub const PIECE_BYTES: usize = 16 << 20;
const UNPACKED_BYTES: usize = 1 << 20;
/// The longest line; real ones stay below some kilobytes.
const MAX_LINE_BYTES: usize = 1 << 20;

/// Bytes of a file, one after the other.
struct FileBytes {
    file: SharedFile,
    at: u64,
}

impl Read for FileBytes {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.file.size_bytes().saturating_sub(self.at);
        let n = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        self.file.read_exact_at(self.at, &mut buffer[..n])?;
        self.at += n as u64;
        Ok(n)
    }
}

/// Text of 16 bits a letter, as spreadsheets export it, turned to UTF-8.
struct Utf16 {
    inner: Box<dyn BufRead>,
    is_big_endian: bool,
    /// The first half of a pair.
    high: Option<u16>,
    out: Vec<u8>,
    at: usize,
}

impl Read for Utf16 {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.out.len() {
            let mut stored = Vec::new();
            self.inner.by_ref().take(1 << 16).read_to_end(&mut stored)?;
            let pairs = stored.as_chunks::<2>().0.iter();
            let units = pairs
                .map(|pair| if self.is_big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) });
            let mut units: Vec<u16> = self.high.take().into_iter().chain(units).collect();
            let is_split = units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit)) && !stored.is_empty();
            self.high = if is_split { units.pop() } else { None };
            (self.out, self.at) = (String::from_utf16_lossy(&units).into_bytes(), 0);
        }
        let n = (self.out.len() - self.at).min(buffer.len());
        buffer[..n].copy_from_slice(&self.out[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

/// The lines of a file.
pub struct Lines {
    reader: Box<dyn BufRead>,
    /// The last byte of a line.
    end: u8,
    line: Vec<u8>,
    /// Number of the line that was read last, from 1.
    pub number: u64,
    /// Whether the file is packed, so that reading may fail within.
    pub is_packed: bool,
}

impl Lines {
    /// Opens a file, to be read in pieces of at most so many bytes.
    ///
    /// # Errors
    /// When its start cannot be read.
    pub fn open(file: &NamedFile, piece_bytes: usize) -> std::io::Result<Self> {
        let size = usize::try_from(file.file.size_bytes()).unwrap_or(usize::MAX);
        let bytes = FileBytes { file: SharedFile::clone(&file.file), at: 0 };
        let mut plain = BufReader::with_capacity(size.clamp(64, piece_bytes), bytes);
        let is_packed = plain.fill_buf()?.starts_with(&[0x1F, 0x8B]);
        let mut reader: Box<dyn BufRead> = if is_packed {
            let unpacked = flate2::bufread::MultiGzDecoder::new(plain);
            Box::new(BufReader::with_capacity(UNPACKED_BYTES.min(piece_bytes), unpacked))
        } else {
            Box::new(plain)
        };
        let start = reader.fill_buf()?;
        let (is_little, is_big) = (start.starts_with(&[0xFF, 0xFE]), start.starts_with(&[0xFE, 0xFF]));
        if is_little || is_big {
            let utf16 = Utf16 { inner: reader, is_big_endian: is_big, high: None, out: Vec::new(), at: 0 };
            reader = Box::new(BufReader::with_capacity(UNPACKED_BYTES.min(piece_bytes), utf16));
        }
        // Old programs end lines by a carriage return alone.
        let start = reader.fill_buf()?;
        let end = if !start.contains(&b'\n') && start.contains(&b'\r') { b'\r' } else { b'\n' };
        Ok(Self { reader, end, line: Vec::new(), number: 0, is_packed })
    }

    /// The next line, without its end.
    ///
    /// # Errors
    /// When it cannot be read or unpacked, or has no end within a megabyte.
    pub fn next_line(&mut self) -> std::io::Result<Option<Cow<'_, str>>> {
        self.line.clear();
        let n = self.reader.by_ref().take(MAX_LINE_BYTES as u64).read_until(self.end, &mut self.line)?;
        if n == 0 {
            return Ok(None);
        }
        self.number += 1;
        if n == MAX_LINE_BYTES && self.line.last() != Some(&self.end) {
            let message = format!("line {} has no end within {MAX_LINE_BYTES} bytes", self.number);
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message));
        }
        let text = self.line.strip_suffix(&[self.end]).unwrap_or(&self.line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = if self.number == 1 { text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text) } else { text };
        Ok(Some(String::from_utf8_lossy(text)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use super::*;

    fn lines(bytes: Vec<u8>) -> Vec<String> {
        let file = NamedFile { path: "t.csv".into(), file: Arc::new(bytes) };
        let mut lines = Lines::open(&file, 64).expect("opens");
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().expect("reads") {
            all.push(line.into_owned());
        }
        all
    }

    #[test]
    fn lines_are_the_same_however_they_are_stored() {
        let text = (0..100).fold(String::new(), |text, at| text + &format!("{at},é\n"));
        let expected: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(text.as_bytes()).expect("packs");
        let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in [
            text.clone().into_bytes(),
            text.replace('\n', "\r\n").into_bytes(),
            text.replace('\n', "\r").into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
            packed.finish().expect("packs"),
            utf16,
        ] {
            assert_eq!(lines(bytes), expected);
        }
    }
}
