//! Files that stand in for a recording, and files of everyday kinds that hold none: a pointer of
//! Git LFS, a web page in place of a download, an archive, a picture, a spreadsheet.

use super::OpenError;
use super::text_header::ending;
use crate::io::{FileSet, NamedFile};

/// Bytes of a file that are looked at.
const HEAD_BYTES: u64 = 4096;
/// The largest pointer, or page that says why a download failed.
const MAX_POINTER_BYTES: u64 = 1 << 20;
/// Files of a drop that are looked at.
const MAX_LOOKED_AT: usize = 256;

/// The kind of a file, and the advice that goes with it.
struct Kind {
    what: String,
    advice: String,
}

fn kind(what: impl Into<String>, advice: impl Into<String>) -> Kind {
    Kind { what: what.into(), advice: advice.into() }
}

fn error(file: &NamedFile, kind: Kind) -> OpenError {
    OpenError::StandIn { path: file.path.clone(), what: kind.what, advice: kind.advice }
}

/// Why none of these files is a recording, if that can be told from their first bytes. For files
/// that no reader knows: a picture among them says something only where it is alone.
pub fn reason(files: &FileSet) -> Option<OpenError> {
    if let Some(found) = in_place_of(files) {
        return Some(found);
    }
    let everyday = |file: &NamedFile| everyday(file, &head(file)).map(|kind| error(file, kind));
    let mut found = files.iter().take(MAX_LOOKED_AT).map(everyday);
    let first = found.next()??;
    found.all(|kind| kind.is_some()).then_some(first)
}

/// The first file that stands in for one which is still to be fetched. For every error of a
/// reader: such a file may be the reason.
pub fn in_place_of(files: &FileSet) -> Option<OpenError> {
    files.iter().take(MAX_LOOKED_AT).find_map(of)
}

/// The error of a file that stands in for another; none where it does not.
pub fn of(file: &NamedFile) -> Option<OpenError> {
    let size_bytes = file.file.size_bytes();
    let by_name = unfinished(file);
    let by_content = || (size_bytes <= MAX_POINTER_BYTES).then(|| placeholder(file, &head(file))).flatten();
    by_name.or_else(by_content).map(|kind| error(file, kind))
}

fn head(file: &NamedFile) -> Vec<u8> {
    let size = usize::try_from(file.file.size_bytes().min(HEAD_BYTES)).unwrap_or(0);
    let mut bytes = vec![0; size];
    file.file.read_exact_at(0, &mut bytes).map_or_else(|_| Vec::new(), |()| bytes)
}

/// Downloads that go on or were stopped, told by the names that browsers give them.
fn unfinished(file: &NamedFile) -> Option<Kind> {
    let kind = match ending(file).as_str() {
        "crdownload" | "part" | "partial" | "download" | "opdownload" => {
            kind("a download that is not complete", "wait until it is done, or fetch the file again")
        }
        "icloud" => kind("a placeholder of iCloud", "fetch the file itself: “Download Now” in the Finder"),
        _ => return None,
    };
    Some(kind)
}

/// Small files whose content tells that the data are elsewhere.
fn placeholder(file: &NamedFile, head: &[u8]) -> Option<Kind> {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with("version https://git-lfs") {
        let size = text.lines().find_map(|line| line.strip_prefix("size ")?.trim().parse::<u64>().ok());
        let size = size.map_or_else(String::new, |size| format!(" of {size} bytes"));
        let what = format!("a Git LFS pointer, which stands for a file{size}; the data are still to be fetched");
        return Some(kind(what, "run “git lfs pull” in its repository, or download the file by itself"));
    }
    if text.starts_with("/annex/objects/") || (text.starts_with("../") && text.contains(".git/annex/objects/")) {
        let what = "a git-annex pointer; the data are still to be fetched";
        return Some(kind(what, "run “datalad get” or “git annex get” on it"));
    }
    let lower: String = text.chars().take(200).collect::<String>().to_lowercase();
    if is_page(&lower) && !["html", "htm", "xhtml"].contains(&ending(file).as_str()) {
        return Some(kind(
            "a web page, not the file that its name promises",
            "sign in where it comes from and download it again",
        ));
    }
    let is_refusal = lower.starts_with("<?xml") && lower.contains("<error>") && lower.contains("<code>");
    let is_json = text.starts_with('{') && !["json", "oebin", "txt", "imro"].contains(&ending(file).as_str());
    if is_refusal || (is_json && is_answer(&lower)) {
        return Some(kind(
            "an error message of a storage server",
            "download the file again; the link may have expired",
        ));
    }
    if text.starts_with("[InternetShortcut]") || head.starts_with(b"L\0\0\0\x01\x14\x02\0") {
        return Some(kind("a shortcut to another place", "give the file that it points to"));
    }
    head.starts_with(b"book\0\0\0\0mark\0\0\0\0").then(|| kind("an alias of macOS", "give the file that it points to"))
}

/// Whether a text in lower case is what a server answers instead of a file.
fn is_answer(lower: &str) -> bool {
    ["\"error", "\"message\"", "\"status\"", "\"detail\""].iter().any(|word| lower.contains(word))
}

/// Whether a text in lower case begins as web pages do.
fn is_page(lower: &str) -> bool {
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|start| lower.starts_with(start))
}

/// First bytes of everyday kinds, what they are, and what to do.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (b"\x89PNG\r\n", "a picture (PNG)", "give the recording itself"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "give the recording itself"),
    (b"GIF8", "a picture (GIF)", "give the recording itself"),
    (b"II*\0", "a picture (TIFF)", "give the recording itself"),
    (b"MM\0*", "a picture (TIFF)", "give the recording itself"),
    (b"%PDF", "a PDF document", "give the recording itself"),
    (b"{\\rtf", "a text document (RTF)", "save a table of spikes as .csv"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it first and give what is inside"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first and give what is inside"),
    (b"\xfd7zXZ\0", "an archive (.xz)", "unpack it first and give what is inside"),
    (b"BZh", "an archive (.bz2)", "unpack it first and give what is inside"),
    (b"\x28\xb5\x2f\xfd", "an archive (.zst)", "unpack it first and give what is inside"),
    (b"\x1f\x8b", "an archive (.gz)", "unpack it first and give what is inside; tables of spikes are read as .csv.gz"),
    (
        b"MATLAB 5.0 MAT-file",
        "a MATLAB file",
        "export the signal as plain binary with NAME.json, or the spikes as a .csv",
    ),
    (b"SQLite format 3\0", "an SQLite database", "export the spikes as a .csv"),
];

fn everyday(file: &NamedFile, head: &[u8]) -> Option<Kind> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Some(zip(file, head));
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        let is_table = ending(file).starts_with("xls");
        return Some(if is_table { spreadsheet() } else { kind("an Office document", "give the recording itself") });
    }
    if head.get(257..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        return Some(kind("an archive (.tar)", "unpack it first and give what is inside"));
    }
    match (head.get(..4), head.get(4..12), head.get(8..12)) {
        (Some(b"RIFF"), _, Some(b"WAVE")) => {
            return Some(kind("a sound file (WAV)", "export it as plain binary with NAME.json"));
        }
        (Some(b"RIFF"), _, Some(b"AVI ")) | (_, Some([b'f', b't', b'y', b'p', ..]), _) => {
            return Some(kind("a film or a picture", "give the recording itself"));
        }
        _ => {}
    }
    let is_packed_table = ["csv.gz", "tsv.gz", "txt.gz"].iter().any(|table| file.name().ends_with(table));
    let is_kind = |(magic, ..): &&(&[u8], &str, &str)| head.starts_with(magic) && !is_packed_table;
    if let Some((_, what, advice)) = MAGIC.iter().find(is_kind) {
        return Some(kind(*what, *advice));
    }
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if is_page(&text.to_lowercase()) {
        return Some(kind("a web page", "give the recording itself"));
    }
    (text.starts_with(['{', '[']) && ending(file) == "json")
        .then(|| kind("a description (JSON) without data", "give the file that it describes as well"))
}

fn spreadsheet() -> Kind {
    kind("a spreadsheet", "save its table of spikes as .csv, with a time and an electrode in the first line")
}

/// What a zip archive is, by its ending and by the names of its first members.
fn zip(file: &NamedFile, head: &[u8]) -> Kind {
    let holds = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
    match ending(file).as_str() {
        "npz" => kind("an archive of NumPy arrays (.npz)", "save the array by itself as .npy"),
        "xlsx" | "xlsm" | "ods" => spreadsheet(),
        "docx" | "pptx" | "odt" => kind("an Office document", "give the recording itself"),
        _ if holds(b"xl/") => spreadsheet(),
        _ if holds(b"word/") || holds(b"ppt/") => kind("an Office document", "give the recording itself"),
        _ => kind("a zip archive", "unpack it first and give what is inside"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn set(files: &[(&str, &[u8])]) -> FileSet {
        let named = |(path, bytes): &(&str, &[u8])| NamedFile { path: (*path).into(), file: Arc::new(bytes.to_vec()) };
        FileSet::new(files.iter().map(named).collect())
    }

    fn message(files: &[(&str, &[u8])]) -> String {
        reason(&set(files)).map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn what_stands_in_for_a_recording_is_named() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345678\n";
        let page = b"<!DOCTYPE html>\n<html><body>Sign in to download</body></html>\n";
        for (name, bytes, told) in [
            ("a.nwb", &pointer[..], "a.nwb is a Git LFS pointer"),
            ("a.bin", &pointer[..], "12345678 bytes"),
            ("b.nwb", &page[..], "a web page"),
            ("c.dat", b"/annex/objects/MD5E-s1--0.dat\n", "git-annex"),
            ("d.h5.crdownload", b"\x89HDF", "not complete"),
            ("e.raw", b"PK\x03\x04....a/b.raw", "a zip archive"),
            ("f.csv", b"PK\x03\x04....[Content_Types].xml....xl/workbook.xml", "a spreadsheet"),
            ("g.edf", b"\x89PNG\r\n\x1a\n", "a picture"),
            ("h.json", b"{ \"a\": 1 }", "without data"),
            ("i.mat", b"MATLAB 5.0 MAT-file, Platform", "a MATLAB file"),
        ] {
            assert!(message(&[(name, bytes)]).contains(told), "{name}: {}", message(&[(name, bytes)]));
        }
    }

    #[test]
    fn a_picture_beside_something_else_says_nothing() {
        assert_eq!(message(&[("a.xyz", b"no one knows"), ("b.png", b"\x89PNG\r\n\x1a\n")]), "");
        assert_eq!(message(&[("a.xyz", b"no one knows"), ("readme.html", b"<html></html>")]), "");
        let folder =
            set(&[("s/run.meta", b"typeThis=imec"), ("s/run.bin", b"version https://git-lfs.github.com/spec/v1\n")]);
        assert!(in_place_of(&folder).is_some_and(|error| error.to_string().starts_with("s/run.bin is")));
    }
}
