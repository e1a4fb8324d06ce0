//! Which electrodes are kept, and how often.

use crate::recording::{Fact, StreamInfo};

/// Electrodes that are kept where nobody chooses them, at most.
pub const MAX_ELECTRODES: usize = 64;

/// Samples of all electrodes together, at most: 64 MB of `f32`.
pub const MAX_SAMPLES: u64 = 16 << 20;

/// Frames that one sample may stand for, at most.
const MAX_FACTOR: f64 = 1000.0;

/// The rate and the electrodes that somebody asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChoice {
    /// Samples per second; the rate that divides the recording's is taken.
    pub rate_hz: f64,
    /// Electrodes by their ids or names; none where nobody chose them.
    pub channel_ids: Vec<String>,
    /// Ids of those that are not taken unless they are chosen.
    pub left_out: Vec<String>,
}

/// The field potentials of a recording that are kept. Everybody who carries the run has the same plan.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldPlan {
    /// Frames of the recording from one sample to the next.
    pub factor: usize,
    /// Samples per second.
    pub rate_hz: f64,
    /// Channels that are kept, ascending; none where none fits.
    pub channels: Vec<usize>,
    /// Notes for a person.
    pub notes: Vec<String>,
}

impl FieldPlan {
    /// The plan of a choice for a stream.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 1 and 1,000"
    )]
    pub fn of(info: &StreamInfo, choice: &FieldChoice) -> Self {
        let FieldChoice { channel_ids: asked, left_out, .. } = choice;
        let factor = (info.sampling_frequency_hz / choice.rate_hz).round().clamp(1.0, MAX_FACTOR) as usize;
        let rate_hz = info.sampling_frequency_hz / factor as f64;
        let mut plan = Self { factor, rate_hz, channels: Vec::new(), notes: Vec::new() };
        let fitting = usize::try_from(MAX_SAMPLES / plan.n_samples(info).max(1)).unwrap_or(usize::MAX);
        let is_in = |channel: &usize| info.channel_ids.get(*channel).is_none_or(|id| !left_out.contains(id));
        let (wanted, unknown) = chosen(info, asked);
        let (channels, n_wanted) = if asked.is_empty() {
            let groups: Vec<Vec<usize>> =
                info.groups().into_iter().map(|group| group.into_iter().filter(is_in).collect()).collect();
            let n_there = groups.iter().map(Vec::len).sum::<usize>();
            (spread(info, &groups, fitting.min(MAX_ELECTRODES)), n_there)
        } else {
            let n_wanted = wanted.len();
            (wanted.into_iter().take(fitting).collect(), n_wanted)
        };
        plan.channels = channels;
        if !unknown.is_empty() {
            plan.notes.push(format!("There is no electrode {}.", unknown.join(", ")));
        }
        plan.notes.extend(plan.bound(n_wanted, fitting, !asked.is_empty()));
        plan
    }

    /// With what the recording's files tell of a filter in the hardware.
    #[must_use]
    pub fn told(mut self, facts: &[Fact]) -> Self {
        let of_filter = facts.iter().filter(|fact| fact.name.starts_with("High-pass"));
        self.notes.extend(of_filter.map(|Fact { name, value }| {
            format!("The files tell: {name}: {value}. Waves that are slower were weakened before they were recorded.")
        }));
        self
    }

    /// Samples that each segment of the stream comes to.
    #[must_use]
    pub fn lengths(&self, info: &StreamInfo) -> Vec<usize> {
        let length = |n_frames: u64| usize::try_from(n_frames.div_ceil(self.factor as u64)).unwrap_or(usize::MAX);
        info.segments.iter().map(|segment| length(segment.n_frames)).collect()
    }

    /// Samples of one electrode.
    fn n_samples(&self, info: &StreamInfo) -> u64 {
        info.segments.iter().fold(0, |sum, segment| sum.saturating_add(segment.n_frames.div_ceil(self.factor as u64)))
    }

    /// Says what the bound leaves out.
    fn bound(&self, n_wanted: usize, fitting: usize, is_chosen: bool) -> Option<String> {
        let n = self.channels.len();
        let lower = format!("{:.0} samples per second of the whole recording fit in 64 MB", self.rate_hz);
        match n {
            _ if n == n_wanted => None,
            0 => Some(format!("The recording is too long: not even one electrode at {lower}. Take a lower rate.")),
            _ if is_chosen => {
                Some(format!("Only the first {n} of the {n_wanted} chosen electrodes are kept: no more at {lower}."))
            }
            _ if fitting < MAX_ELECTRODES => Some(format!(
                "{n} of {n_wanted} electrodes are kept, spread over the array and its wells: no more at {lower}."
            )),
            _ => Some(format!(
                "{n} of {n_wanted} electrodes are kept, spread over the array and its wells: {MAX_ELECTRODES} at most \
                 where none are chosen."
            )),
        }
    }
}

/// The channels of these ids or names, ascending, and what no channel is called.
fn chosen(info: &StreamInfo, asked: &[String]) -> (Vec<usize>, Vec<String>) {
    let of = |id: &String| {
        let by_id = info.channel_ids.iter().position(|known| known == id);
        by_id.or_else(|| (0..info.n_channels).find(|at| info.channel_label(*at) == id))
    };
    let mut channels: Vec<usize> = asked.iter().filter_map(of).collect();
    channels.sort_unstable();
    channels.dedup();
    (channels, asked.iter().filter(|id| of(id).is_none()).cloned().collect())
}

/// At most `n` channels, as many of each group as of the others, far from each other where it is known where they
/// are.
fn spread(info: &StreamInfo, groups: &[Vec<usize>], n: usize) -> Vec<usize> {
    let groups: Vec<&Vec<usize>> = groups.iter().filter(|group| !group.is_empty()).collect();
    // Of more groups than there is room for every so-manieth.
    let n_groups = n.min(groups.len());
    let groups: Vec<&Vec<usize>> = (0..n_groups).map(|at| groups[at * groups.len() / n_groups]).collect();
    let mut shares = vec![0_usize; groups.len()];
    let mut left = n;
    while left > 0 {
        let before = left;
        for (share, group) in shares.iter_mut().zip(&groups) {
            if left > 0 && *share < group.len() {
                *share += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    let mut channels: Vec<usize> =
        groups.iter().zip(shares).flat_map(|(group, share)| far_apart(info, group, share)).collect();
    channels.sort_unstable();
    channels
}

/// So many of a group: each the one that is farthest from those before it; without positions, every so-manieth.
fn far_apart(info: &StreamInfo, group: &[usize], n: usize) -> Vec<usize> {
    let Some(positions_um) = info.positions_um.as_ref().filter(|_| n < group.len()) else {
        return (0..n).map(|at| group[at * group.len() / n]).collect();
    };
    let place = |channel: usize| positions_um.get(channel).copied().unwrap_or_default();
    let mut nearest = vec![f64::INFINITY; group.len()];
    let mut taken = Vec::with_capacity(n);
    let mut next = 0;
    while taken.len() < n {
        taken.push(group[next]);
        let here = place(group[next]);
        for (own, channel) in nearest.iter_mut().zip(group) {
            let there = place(*channel);
            let (dx, dy) = (there[0] - here[0], there[1] - here[1]);
            *own = own.min(dx * dx + dy * dy);
        }
        // Those that are taken never come again, even where electrodes lie at one place.
        nearest[next] = -1.0;
        next = 0;
        for (at, distance) in nearest.iter().enumerate() {
            if *distance > nearest[next] {
                next = at;
            }
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::uniform;
    use crate::pipeline::Pipeline;
    use crate::recording::SegmentInfo;
    use crate::sample::SampleType;

    fn info(n_channels: usize, seconds: u64) -> StreamInfo {
        let ids = (0..n_channels).map(|at| format!("E{at}")).collect();
        let segments = vec![SegmentInfo { n_frames: seconds * 20_000, t_start_s: 0.0 }];
        StreamInfo { segments, ..uniform("signal", 20_000.0, SampleType::Int16, ids, 1.0) }
    }

    fn pipeline() -> Pipeline {
        let mut pipeline = Pipeline::default();
        pipeline.add("field_potentials");
        pipeline
    }

    #[test]
    fn nothing_is_kept_without_the_block() {
        assert_eq!(FieldPlan::new(&info(4, 10), &Pipeline::default()), None);
    }

    #[test]
    fn all_of_a_few_electrodes_are_kept_and_many_are_spread() {
        let plan = FieldPlan::new(&info(4, 10), &pipeline()).expect("a plan");
        assert_eq!((plan.factor, plan.rate_hz, plan.channels, plan.notes), (20, 1000.0, vec![0, 1, 2, 3], vec![]));
        let mut many = info(400, 10);
        let plan = FieldPlan::new(&many, &pipeline()).expect("a plan");
        assert_eq!((plan.channels.len(), plan.channels[1]), (64, 6));
        assert!(plan.notes[0].starts_with("64 of 400 electrodes are kept"), "{:?}", plan.notes);
        let place = |at: usize| {
            [f64::from(u32::try_from(at % 20).expect("few")), f64::from(u32::try_from(at / 20).expect("few"))]
        };
        many.positions_um = Some((0..400).map(place).collect());
        let plan = FieldPlan::new(&many, &pipeline()).expect("a plan");
        assert!(plan.channels.len() == 64 && [0, 19, 380, 399].iter().all(|corner| plan.channels.contains(corner)));
        many.wells = Some((0..400).map(|at| if at < 390 { "A1".into() } else { "A2".into() }).collect());
        let plan = FieldPlan::new(&many, &pipeline()).expect("a plan");
        assert_eq!(plan.channels.iter().filter(|at| **at >= 390).count(), 10, "a small well gives all that it has");
    }

    #[test]
    fn the_bound_and_the_choice_are_said_in_words() {
        // An hour: 3.6 million samples of each.
        let plan = FieldPlan::new(&info(8, 3600), &pipeline()).expect("a plan");
        assert_eq!(plan.channels.len(), 4);
        assert!(plan.notes[0].contains("4 of 8") && plan.notes[0].contains("64 MB"), "{:?}", plan.notes);
        let day = FieldPlan::new(&info(8, 86_400), &pipeline()).expect("a plan");
        assert!(day.channels.is_empty() && day.notes[0].contains("Take a lower rate"), "{:?}", day.notes);
        let mut chosen = pipeline();
        chosen.set("field_potentials", "channel_ids", vec!["E7", "E2", "X"].into());
        let facts = [Fact { name: "High-pass of the hardware (Hz)".into(), value: "300".into() }];
        let plan = FieldPlan::new(&info(8, 10), &chosen).expect("a plan").told(&facts);
        assert_eq!(plan.channels, [2, 7]);
        assert_eq!(plan.notes[0], "There is no electrode X.");
        assert!(plan.notes[1].contains("High-pass of the hardware (Hz): 300"), "{:?}", plan.notes);
    }
}
