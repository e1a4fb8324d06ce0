//! Files of this machine as the core sees them.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wasm_core::formats::{self, OpenError};
use wasm_core::io::{FileSet, NamedFile, ReadAt};
use wasm_core::recording::Recording;

/// Files that are kept open; a folder of chunks may hold more than a process may open.
const MAX_OPEN: usize = 256;

/// Names of folders that a path keeps: record node, experiment and recording.
const KEPT_NAMES: usize = 3;

struct LocalFile {
    path: PathBuf,
    /// Where it is kept open.
    file: Option<File>,
    size_bytes: u64,
}

impl ReadAt for LocalFile {
    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    fn piece_bytes(&self) -> Option<usize> {
        // A tile of a thousand channels: it stays in the second-level cache.
        self.file.is_some().then_some(1 << 16)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        match &self.file {
            Some(file) => file.read_exact_at(buffer, offset),
            None => File::open(&self.path)?.read_exact_at(buffer, offset),
        }
    }
}

/// Opens a file, with those beside it that its format needs, or a folder with all below it.
///
/// # Errors
/// When the path cannot be read or no reader knows it.
pub fn open_path(path: &Path) -> Result<Recording, OpenError> {
    let io = |source| OpenError::Io { path: path.display().to_string(), source };
    let mut files = Vec::new();
    if path.is_dir() {
        // Keep the folder's own name and its nearest parents': Open Ephys tells streams by them.
        let absolute = path.canonicalize().map_err(io)?;
        let names: Vec<_> = absolute.iter().skip(1).map(|name| name.to_string_lossy()).collect();
        let prefix = names[names.len().saturating_sub(KEPT_NAMES)..].join("/");
        collect(&absolute, &prefix, &mut files).map_err(io)?;
        if files.iter().any(|file| file.name() == "structure.oebin") {
            settings_above(&absolute, &prefix, &mut files).map_err(io)?;
        }
    } else {
        add(path, &file_name(path), &mut files).map_err(io)?;
        // A partner such as a .meta shares the stem, or is named info.rhd and the like.
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        for entry in std::fs::read_dir(folder).map_err(io)?.flatten() {
            if entry.path().is_file() && is_partner(path, &entry.path()) {
                add(&entry.path(), &file_name(&entry.path()), &mut files).map_err(io)?;
            }
        }
    }
    let opened = formats::open(&FileSet::new(files));
    // A file that is a part of a folder that is a recording stands for the folder.
    match (opened, folder_of(path)) {
        (opened, Some(folder)) if opened.is_err() || !has_positions(&opened) => open_path(folder).or(opened),
        (opened, _) => opened,
    }
}

/// A file by itself, under its own name.
///
/// # Errors
/// When it cannot be read.
pub fn named(path: &Path) -> Result<NamedFile, OpenError> {
    let mut files = Vec::new();
    let added = add(path, &file_name(path), &mut files);
    let missing = || std::io::Error::from(std::io::ErrorKind::NotFound);
    let named = added.and_then(|()| files.pop().ok_or_else(missing));
    named.map_err(|source| OpenError::Io { path: path.display().to_string(), source })
}

/// The settings that Open Ephys keeps above its experiments and recordings.
fn settings_above(folder: &Path, prefix: &str, files: &mut Vec<NamedFile>) -> std::io::Result<()> {
    let parents = |prefix: &str| prefix.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    let mut prefix = parents(prefix);
    for folder in folder.ancestors().skip(1).take(2) {
        let Some(above) = prefix else { return Ok(()) };
        for entry in std::fs::read_dir(folder)?.flatten() {
            let name = file_name(&entry.path());
            if name.starts_with("settings") && name.ends_with(".xml") {
                add(&entry.path(), &format!("{above}/{name}"), files)?;
            }
        }
        prefix = parents(&above);
    }
    Ok(())
}

fn has_positions(opened: &Result<Recording, OpenError>) -> bool {
    let streams = opened.iter().flat_map(|recording| &recording.streams);
    streams.map(|stream| stream.info()).any(|info| info.positions_um.is_some())
}

/// The folder that a file is part of, where its name tells: Open Ephys', Intan's and
/// SpikeInterface's recordings are folders.
fn folder_of(path: &Path) -> Option<&Path> {
    if path.is_dir() {
        return None;
    }
    let name = file_name(path);
    let is_amplifier = name.ends_with(".dat") && (name.starts_with("amp-") || name == "amplifier.dat");
    let n_up = match name.as_str() {
        "structure.oebin" | "binary.json" | "si_folder.json" | "probegroup.json" => 1,
        // recording1/continuous/STREAM/continuous.dat
        "continuous.dat" => 3,
        _ if is_amplifier || name.starts_with("traces_cached_seg") => 1,
        _ => return None,
    };
    path.ancestors().nth(n_up).filter(|folder| folder.is_dir())
}

/// Refuses to write where the recording at `path` lies: into its folder, or over one of its files.
///
/// # Errors
/// Says so.
pub fn keep_apart(out: &Path, path: &Path) -> Result<(), String> {
    // What does not exist yet holds nothing.
    let (Ok(there), Ok(path)) = (out.canonicalize(), path.canonicalize()) else { return Ok(()) };
    let is_beside = path.is_file() && path.parent() == there.parent() && is_partner(&path, &there);
    if there.starts_with(&path) || path.starts_with(&there) || (there.is_file() && is_beside) {
        return Err(format!("{}: it is part of the recording; choose another place", out.display()));
    }
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Endings of files that are a recording each, also where they share a stem.
const SIGNALS: &[&str] =
    &["dat", "lfp", "eeg", "edf", "bdf", "plx", "nwb", "nix", "h5", "brw", "bxr", "rhd", "rhs", "rec", "npy"];

/// Whether a file beside the named one belongs to it.
fn is_partner(path: &Path, other: &Path) -> bool {
    let (name, other_name) = (file_name(path), file_name(other));
    if name == other_name {
        return false;
    }
    let stem = |name: &str| {
        let name = name.strip_suffix(".gz").unwrap_or(name);
        name.rsplit_once('.').map_or_else(|| name.to_owned(), |(stem, _)| stem.to_owned())
    };
    let split_intan = ["info.rhd", "info.rhs"].contains(&name.as_str()) && other_name.ends_with(".dat");
    // Two signals of one session are two recordings; only what describes them belongs to both.
    let ending = |name: &str| name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_owned());
    let is_signal = |name: &str| SIGNALS.contains(&ending(name).as_str());
    if is_signal(&name) && is_signal(&other_name) && !split_intan {
        return false;
    }
    let descriptive = ["params.py", "binary.json", "probegroup.json", "probe.json"];
    stem(&name) == stem(&other_name)
        || other_name == format!("{name}.json")
        || split_intan
        || (descriptive.contains(&name.as_str()) && !descriptive.contains(&other_name.as_str()))
        || (name.ends_with(".raw") && ["binary.json", "probegroup.json", "probe.json"].contains(&other_name.as_str()))
        || (other_name == "params.py" && std::fs::read_to_string(other).is_ok_and(|text| text.contains(&name)))
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<NamedFile>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = format!("{prefix}/{}", file_name(&path));
        if path.is_dir() {
            collect(&path, &name, files)?;
        } else if path.is_file() {
            add(&path, &name, files)?;
        }
    }
    Ok(())
}

fn add(path: &Path, name: &str, files: &mut Vec<NamedFile>) -> std::io::Result<()> {
    let file = File::open(path)?;
    let size_bytes = file.metadata()?.len();
    let file = (files.len() < MAX_OPEN).then_some(file);
    files.push(NamedFile {
        path: name.to_owned(),
        file: Arc::new(LocalFile { path: path.to_owned(), file, size_bytes }),
    });
    Ok(())
}
