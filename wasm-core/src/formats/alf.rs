//! Sorted spikes in the International Brain Laboratory's naming (ALF): `spikes.times.npy` in
//! seconds with `spikes.clusters.npy` beside it.
//!
//! A name is an object, an attribute, and perhaps a probe and a UUID, between points; a namespace
//! such as `_ibl_` may stand before the object (ONE's documentation, "ALF specification").

use std::collections::BTreeSet;

use super::format::{Claim, Confidence, Format, Reader};
use super::interleaved::uniform;
use super::npy::{self, List};
use super::npy_clusters::Clusters;
use super::text_header::is_uuid;
use super::{OpenError, Recording, first_of, phy};
use crate::io::{FileSet, NamedFile};
use crate::recording::{StoredSpikes, StreamKind, TIMES_HZ, TimedSpike};
use crate::sample::SampleType;

/// Amplitudes are in volts.
const MICROVOLTS: f64 = 1e6;

/// A name without its UUID.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    object: String,
    attribute: String,
    /// What else stands in it, such as the probe.
    extra: String,
}

impl Name {
    fn read(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.strip_suffix(".npy")?.split('.').filter(|part| !is_uuid(part)).collect();
        let [object, attribute, extra @ ..] = parts.as_slice() else { return None };
        let object = object.strip_prefix('_').and_then(|rest| rest.split_once('_')).map_or(*object, |(_, rest)| rest);
        Some(Self { object: object.to_owned(), attribute: (*attribute).to_owned(), extra: extra.join(".") })
    }
}

/// The format.
pub const FORMAT: Format = Format { names: &["alf"], support: &phy::SUPPORT, reader: Reader::Files(recognise) };

/// The first list of spikes.
fn recognise(files: &FileSet) -> Option<Claim<'_>> {
    let is_times = |file: &&NamedFile| {
        Name::read(file.name()).is_some_and(|name| name.object == "spikes" && name.attribute == "times")
    };
    let claim = first_of(&files.iter().filter(is_times).collect::<Vec<_>>(), move |times| read(files, times))?;
    Some(claim.only(Confidence::Named))
}

/// The file beside another that holds another attribute, or another object's.
fn beside<'a>(files: &'a FileSet, file: &NamedFile, object: &str, attribute: &str) -> Option<&'a NamedFile> {
    let own = Name::read(file.name())?;
    let wanted = Name { object: object.to_owned(), attribute: attribute.to_owned(), ..own };
    files.iter().find(|other| other.folder() == file.folder() && Name::read(other.name()).as_ref() == Some(&wanted))
}

fn read(files: &FileSet, file: &NamedFile) -> Result<Recording, OpenError> {
    let clusters = beside(files, file, "spikes", "clusters")
        .ok_or_else(|| OpenError::MissingPartner { path: file.path.clone(), missing: "spikes.clusters.npy".into() })?;
    let times = List::open(file)?;
    let clusters = Clusters::open(clusters, file, times.len)?;
    let (units, known, place_of) = (&clusters.list, &clusters.known, clusters.places());
    let amplitudes = beside(files, file, "spikes", "amps").and_then(|amps| List::open(amps).ok());
    let amplitudes = amplitudes.filter(|list| list.len == times.len);
    let mut spikes: Vec<TimedSpike> = Vec::new();
    for part in times.parts() {
        let of_part = times.doubles(&part)?.into_iter().zip(units.integers(&part)?);
        let volts = amplitudes.as_ref().map(|list| list.doubles(&part)).transpose()?.unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "amplitudes are kept in f32")]
        let one = |(at, (time_s, unit)): (usize, (f64, i64))| {
            let amplitude_uv = volts.get(at).map_or(0.0, |volts| (volts * MICROVOLTS) as f32);
            (place_of.get(&unit).copied().unwrap_or(u32::MAX), time_s, amplitude_uv)
        };
        spikes.extend(of_part.enumerate().map(one));
    }
    let ids: Vec<String> = known.iter().map(i64::to_string).collect();
    let mut info = uniform("units", TIMES_HZ, SampleType::Float32, ids, 1.0);
    info.kind = StreamKind::Units;
    info.positions_um = positions(files, file, known);
    let (stored, n_dropped) = StoredSpikes::of_times(info, spikes, &[], "the spike sorting of IBL's pipeline".into());
    let mut recording = Recording { spikes: Some(stored), ..Recording::of_streams("alf", Vec::new()) };
    if n_dropped > 0 {
        recording.notes.push(format!("{}: {n_dropped} times are no numbers and are left out.", file.path));
    }
    Ok(recording)
}

/// Where each cluster's strongest channel lies, where the lists beside tell it.
fn positions(files: &FileSet, file: &NamedFile, clusters: &BTreeSet<i64>) -> Option<Vec<[f64; 2]>> {
    let channels = npy::integers(beside(files, file, "clusters", "channels")?).ok()?;
    let places = beside(files, file, "channels", "localCoordinates")?;
    let n_places = usize::try_from(*npy::header(places)?.shape.first()?).ok()?;
    let places = npy::places(places, n_places)?;
    let place = |cluster: &i64| {
        let channel = channels.get(usize::try_from(*cluster).ok()?)?;
        places.get(usize::try_from(*channel).ok()?).copied()
    };
    clusters.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_without_their_uuid() {
        let name = |text: &str| Name::read(text).map(|name| (name.object, name.attribute, name.extra));
        let told = |object: &str, attribute: &str, extra: &str| Some((object.into(), attribute.into(), extra.into()));
        assert_eq!(name("spikes.times.npy"), told("spikes", "times", ""));
        assert_eq!(name("_ibl_spikes.times.probe00.npy"), told("spikes", "times", "probe00"));
        let uuid = "12345678-1234-1234-1234-123456789abc";
        assert_eq!(name(&format!("spikes.times.{uuid}.npy")), told("spikes", "times", ""));
        assert_eq!((name("spike_times.npy"), name("spikes.times.csv")), (None, None));
    }
}
