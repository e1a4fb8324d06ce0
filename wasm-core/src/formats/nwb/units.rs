//! A table of units: sorted spikes, and the stretches in which they were observed.

use crate::formats::hdf5::H5;
use crate::formats::interleaved::uniform;
use crate::formats::{MAX_STORED_SPIKES, OpenError};
use crate::recording::{StoredSpikes, StreamKind, TIMES_HZ, TimedSpike};
use crate::sample::SampleType;

/// Seconds by which stretches may differ and be the same.
const SAME_S: f64 = 1e-6;
/// Stretches of observation that are believed.
const MAX_STRETCHES: usize = 10_000;

/// Units as channels, and what a person should know of them.
pub fn read(file: &H5, path: &str) -> Result<(StoredSpikes, Vec<String>), OpenError> {
    let times = format!("{path}/spike_times");
    if !file.has(&times) {
        return Err(file.problem(path, &"a table of units without spike_times"));
    }
    let ends = ends(file, &format!("{times}_index"))?;
    let named = file.strings(&format!("{path}/unit_name"));
    let numbered = || Ok(file.numbers(&format!("{path}/id"))?.iter().map(|id| format!("{id:.0}")).collect());
    let ids: Vec<String> = named.or_else(|_: OpenError| numbered())?;
    if ids.len() != ends.len() {
        return Err(file.problem(path, &format!("{} ids for {} units", ids.len(), ends.len())));
    }
    let n_spikes = file.length(&times).unwrap_or(0);
    if n_spikes > MAX_STORED_SPIKES as u64 {
        let expected = format!("at most {MAX_STORED_SPIKES} spikes");
        return Err(OpenError::field(file.path(), &times, format!("{n_spikes} spikes"), expected));
    }
    let mut spikes: Vec<TimedSpike> = Vec::new();
    let (mut unit, mut at) = (0_usize, 0_u64);
    file.pieces(&times, |piece| {
        for time_s in piece {
            while ends.get(unit).is_some_and(|end| *end <= at) {
                unit += 1;
            }
            // What lies behind the last unit belongs to none.
            if unit < ends.len() {
                spikes.push((u32::try_from(unit).unwrap_or(u32::MAX), *time_s, 0.0));
            }
            at += 1;
        }
        Ok(())
    })?;
    let mut notes = Vec::new();
    if ends.last().is_some_and(|end| *end != n_spikes) || !ends.is_sorted() {
        notes.push(format!(
            "{}: {times}_index does not fit the {n_spikes} values of {times}: the units' spikes may be wrong.",
            file.path()
        ));
    }
    let observed = observed(file, path, ids.len())?;
    let mut info = uniform("units", TIMES_HZ, SampleType::Float64, ids, 1.0);
    info.kind = StreamKind::Units;
    let all = observed.as_ref().map(|observed| observed.all.clone()).unwrap_or_default();
    let n_all = spikes.len();
    if let Some(observed) = &observed {
        spikes.retain(|(unit, time_s, _)| observed.has(*unit, *time_s) || !time_s.is_finite());
    }
    if spikes.len() < n_all {
        notes.push(format!(
            "{}: {} of {n_all} spikes of {path} lie outside the times that obs_intervals states for their unit, and \
             are left out.",
            file.path(),
            n_all - spikes.len()
        ));
    }
    let (mut stored, n_dropped) =
        StoredSpikes::of_times(info, spikes, &all, "whoever sorted the units of the file".into());
    stored.observed_s = observed.and_then(|observed| observed.differing_s());
    if n_dropped > 0 {
        notes
            .push(format!("{}: {n_dropped} spike times of {path} are no numbers (NaN) and are left out.", file.path()));
    }
    Ok((stored, notes))
}

/// Where each unit's list ends.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; places in a list")]
fn ends(file: &H5, path: &str) -> Result<Vec<u64>, OpenError> {
    Ok(file.numbers(path)?.into_iter().map(|end| end as u64).collect())
}

/// When units were observed.
struct Observed {
    /// Stretches in which any unit was, sorted and apart.
    all: Vec<(f64, f64)>,
    /// Stretches of each unit, sorted and apart; `None` where its list is empty.
    of_units: Vec<Option<Vec<(f64, f64)>>>,
}

impl Observed {
    /// The stretches of a unit: its own, or all where it has none.
    fn of(&self, unit: usize) -> &[(f64, f64)] {
        self.of_units.get(unit).and_then(Option::as_ref).unwrap_or(&self.all)
    }

    /// Whether a unit was observed at a time.
    fn has(&self, unit: u32, time_s: f64) -> bool {
        is_within(time_s, self.of(unit as usize))
    }

    /// Seconds of each unit, where they are not those of all stretches.
    fn differing_s(&self) -> Option<Vec<f64>> {
        let length_s = |stretches: &[(f64, f64)]| -> f64 { stretches.iter().map(|(from, to)| to - from).sum() };
        let all_s = length_s(&self.all);
        let each: Vec<f64> = (0..self.of_units.len()).map(|unit| length_s(self.of(unit))).collect();
        each.iter().any(|own_s| (own_s - all_s).abs() > SAME_S).then_some(each)
    }
}

/// Whether a time lies in one of the stretches, which are sorted and apart.
fn is_within(time_s: f64, stretches: &[(f64, f64)]) -> bool {
    let before = &stretches[..stretches.partition_point(|(from, _)| *from <= time_s + SAME_S)];
    before.last().is_some_and(|(_, to)| time_s <= *to + SAME_S)
}

/// Stretches in order, with those that meet as one.
fn apart(stretches: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let is_stretch = |(from, to): &(f64, f64)| from.is_finite() && to.is_finite() && from < to;
    let mut sorted: Vec<(f64, f64)> = stretches.iter().copied().filter(is_stretch).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut apart: Vec<(f64, f64)> = Vec::new();
    for (from, to) in sorted {
        match apart.last_mut().filter(|(_, end)| from <= *end + SAME_S) {
            Some((_, end)) => *end = end.max(to),
            None => apart.push((from, to)),
        }
    }
    apart
}

fn observed(file: &H5, path: &str, n_units: usize) -> Result<Option<Observed>, OpenError> {
    let intervals = format!("{path}/obs_intervals");
    if !file.has(&intervals) {
        return Ok(None);
    }
    let bounds = file.numbers(&intervals)?;
    let ends = ends(file, &format!("{intervals}_index"))?;
    let pairs: Vec<(f64, f64)> = bounds.as_chunks::<2>().0.iter().map(|[from, to]| (*from, *to)).collect();
    let mut of_units = Vec::with_capacity(n_units);
    let mut from = 0;
    for end in ends.iter().take(n_units) {
        let end = usize::try_from(*end).unwrap_or(usize::MAX).clamp(from, pairs.len());
        of_units.push((end > from).then(|| apart(&pairs[from..end])));
        from = end;
    }
    of_units.resize(n_units, None);
    let all = apart(&pairs);
    Ok(Some(Observed { all, of_units }).filter(|found| (1..=MAX_STRETCHES).contains(&found.all.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_that_meet_count_once() {
        let all = apart(&[(50.0, 100.0), (0.0, 60.0), (120.0, 130.0), (9.0, 8.0), (0.0, f64::NAN)]);
        assert_eq!(all, [(0.0, 100.0), (120.0, 130.0)]);
        let inside = [0.0, 100.0, 125.0].map(|time_s| is_within(time_s, &all));
        let outside = [-1.0, 110.0, 131.0].map(|time_s| is_within(time_s, &all));
        assert_eq!((inside, outside), ([true; 3], [false; 3]));
    }

    #[test]
    fn each_unit_has_spikes_within_its_own_stretches() {
        let (early, late) = ((10.0, 70.0), (100.0, 160.0));
        let observed = Observed { all: vec![early, late], of_units: vec![Some(vec![early]), Some(vec![late]), None] };
        let at = |time_s: f64| [0, 1, 2].map(|unit| observed.has(unit, time_s));
        // A unit without stretches of its own was observed in all of them.
        assert_eq!(at(40.0), [true, false, true]);
        assert_eq!(at(130.0), [false, true, true]);
        assert_eq!(at(80.0), [false; 3]);
        assert_eq!(observed.differing_s(), Some(vec![60.0, 60.0, 120.0]));
    }
}
