//! Copies of a recording: every electrode is moved along its recording by a time of its own, and what leaves at the
//! end comes in at the start. Moved by any time, nothing is common any more; moved by little, what changes slowly is.

use crate::analyses::random::Random;

use super::bouts::{Span, Timeline};

/// The bouts, `[electrode]`, of a copy; each number gives another one, the same on every
/// platform. Within each segment an electrode has a shift of its own. The bouts of an electrode are
/// not in order.
pub fn shifted(bouts: &[Vec<Span>], timeline: &Timeline, copy: u64) -> Vec<Vec<Span>> {
    moved(bouts, timeline, copy, |length, random| random.below(length))
}

/// The same of a copy in which electrodes are moved by at most so many frames to each side.
pub fn shifted_a_little(bouts: &[Vec<Span>], timeline: &Timeline, copy: u64, most: i64) -> Vec<Vec<Span>> {
    moved(bouts, timeline, copy, |length, random| (random.below(2 * most + 1) - most).rem_euclid(length.max(1)))
}

/// The bouts of a copy; `shift` draws from the length of a segment.
fn moved(
    bouts: &[Vec<Span>],
    timeline: &Timeline,
    copy: u64,
    shift: impl Fn(i64, &mut Random) -> i64,
) -> Vec<Vec<Span>> {
    let mut random = Random::new(copy);
    let mut moved = Vec::with_capacity(bouts.len());
    for own in bouts {
        let length = |segment: &Span| segment.end - segment.start;
        let shifts: Vec<i64> = timeline.segments.iter().map(|segment| shift(length(segment), &mut random)).collect();
        let mut of_electrode = Vec::with_capacity(own.len() + 1);
        for bout in own {
            let at = timeline.segment_at(bout.start);
            let (segment, shift) = (timeline.segments[at], shifts[at]);
            let from_start = (bout.start - segment.start).saturating_add(shift) % length(&segment);
            let start = segment.start + from_start;
            let end = start.saturating_add(bout.end - bout.start);
            of_electrode.push(Span { start, end: end.min(segment.end) });
            if end > segment.end {
                of_electrode.push(Span { start: segment.start, end: segment.start + (end - segment.end) });
            }
        }
        moved.push(of_electrode);
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_every_electrode_in_its_segment() {
        let timeline = Timeline::new([1000, 500], 50);
        let own = vec![Span { start: 100, end: 200 }, Span { start: 900, end: 1000 }, Span { start: 1060, end: 1300 }];
        let n_frames = |own: &[Span], from: i64| {
            own.iter().filter(|bout| bout.start >= from).map(|bout| bout.end - bout.start).sum::<i64>()
        };
        let mut starts = Vec::new();
        for copy in 0..50 {
            let moved = shifted(&[own.clone(), own.clone()], &timeline, copy);
            for own in &moved {
                assert_eq!((n_frames(own, 0), n_frames(own, 1050)), (440, 240), "{own:?}");
                let is_inside = |bout: &Span| {
                    let segment = timeline.segments[timeline.segment_at(bout.start)];
                    segment.start <= bout.start && bout.start < bout.end && bout.end <= segment.end
                };
                assert!(own.iter().all(is_inside), "{own:?}");
            }
            assert_ne!(moved[0], moved[1]);
            starts.push(moved[0][0].start);
        }
        assert_eq!(
            shifted(std::slice::from_ref(&own), &timeline, 3),
            shifted(std::slice::from_ref(&own), &timeline, 3)
        );
        starts.sort_unstable();
        starts.dedup();
        assert!(starts.len() > 40, "{starts:?}");
        // The first bout, moved by little, begins around where it was.
        let near = |copy: u64| shifted_a_little(std::slice::from_ref(&own), &timeline, copy, 30)[0][0].start;
        let mut near: Vec<i64> = (0..200).map(near).collect();
        near.sort_unstable();
        near.dedup();
        assert!(near.len() > 40 && near[0] >= 70 && near[near.len() - 1] <= 130, "{near:?}");
    }
}
