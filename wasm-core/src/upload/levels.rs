//! The level of packing that the line needs.

use crate::recording::StreamInfo;
use crate::zarr::{CHUNK_FRAMES, Level, Speed};

/// What is worth a harder level: below it, fewer bytes are kept for those who store and read them.
const AS_GOOD: f64 = 0.98;

/// What counts of the rows before, from one row to the next.
const KEPT: f64 = 0.7;

/// Memory that packing may take in all workers together, and what a row takes of it for each of its bytes:
/// itself and what it is packed to.
const PACKING_BYTES: u64 = 512 << 20;
const BYTES_PER_RAW: f64 = 1.5;

/// Rows that are packed at a time, at least where there are as many workers.
const MIN_PACKERS: usize = 2;

const N_LEVELS: usize = Level::ALL.len();

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    raw_bytes: f64,
    packed_bytes: f64,
    seconds: f64,
}

/// The speeds of the levels, as the rows tell that were packed.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    sums: [Sums; N_LEVELS],
}

impl Levels {
    /// Takes what packing a row took.
    #[expect(clippy::cast_precision_loss, reason = "bytes of a row")]
    pub fn packed(&mut self, level: Level, raw_bytes: u64, packed_bytes: u64, took_ms: f64) {
        let sums = &mut self.sums[level.index()];
        *sums = Sums {
            raw_bytes: sums.raw_bytes * KEPT + raw_bytes as f64,
            packed_bytes: sums.packed_bytes * KEPT + packed_bytes as f64,
            // Clocks of browsers stand still for parts of a millisecond.
            seconds: sums.seconds * KEPT + took_ms.max(0.1) / 1000.0,
        };
    }

    /// Speed and bytes of each level that was used.
    #[must_use]
    pub fn measured(&self) -> [Option<Speed>; N_LEVELS] {
        self.sums.map(|sums| {
            (sums.raw_bytes > 0.0).then(|| Speed {
                raw_bytes_per_s: sums.raw_bytes / sums.seconds,
                packed_per_raw: sums.packed_bytes / sums.raw_bytes,
            })
        })
    }
}

/// The level at which the recording arrives soonest, by what was measured of the levels, of the line and of
/// so many workers; of levels that do as well the one of fewest bytes.
///
/// It begins with the fastest, and does not go further than one beyond the hardest that was measured: what is
/// only expected may be wrong.
#[must_use]
pub fn choose(measured: &[Option<Speed>; N_LEVELS], line_bytes_per_s: Option<f64>, n_packers: usize) -> Level {
    let Some(line) = line_bytes_per_s else { return Level::Fast };
    let hardest = Level::ALL.iter().rposition(|level| measured[level.index()].is_some());
    let tried = &Level::ALL[..hardest.map_or(1, |at| (at + 2).min(N_LEVELS))];
    let raw_per_s = |level: Level| raw_bytes_per_s(expected(measured, level), line, n_packers);
    let best = tried.iter().map(|level| raw_per_s(*level)).fold(0.0, f64::max);
    let chosen = tried.iter().rev().find(|level| raw_per_s(**level) >= best * AS_GOOD);
    chosen.copied().unwrap_or(Level::Fast)
}

/// Bytes per second of the recording that arrive: packing and sending go side by side, and the slower one is
/// the limit.
#[expect(clippy::cast_precision_loss, reason = "a few workers")]
fn raw_bytes_per_s(speed: Speed, line_bytes_per_s: f64, n_packers: usize) -> f64 {
    (speed.raw_bytes_per_s * n_packers as f64).min(line_bytes_per_s / speed.packed_per_raw.max(1e-6))
}

/// The speed of a level: as measured, or as it follows from the nearest level that was measured.
fn expected(measured: &[Option<Speed>; N_LEVELS], level: Level) -> Speed {
    if let Some(speed) = measured[level.index()] {
        return speed;
    }
    let own = level.expected();
    let known = Level::ALL.iter().filter_map(|other| Some((*other, measured[other.index()]?)));
    let nearest = known.min_by_key(|(other, _)| other.index().abs_diff(level.index()));
    nearest.map_or(own, |(other, speed)| {
        let typical = other.expected();
        Speed {
            raw_bytes_per_s: own.raw_bytes_per_s * speed.raw_bytes_per_s / typical.raw_bytes_per_s,
            packed_per_raw: own.packed_per_raw * speed.packed_per_raw / typical.packed_per_raw,
        }
    })
}

/// Workers that pack rows at the same time: as many as memory allows. The first stays free for the traces
/// where there are more than two.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bytes of rows, and a few workers"
)]
pub fn n_packers(info: &StreamInfo, n_workers: usize) -> usize {
    let row_bytes = CHUNK_FRAMES as f64 * (info.n_channels * info.sample_type.size_bytes()) as f64 * BYTES_PER_RAW;
    let fitting = (PACKING_BYTES as f64 / row_bytes.max(1.0)) as usize;
    let most = if n_workers > 2 { n_workers - 1 } else { n_workers.max(1) };
    fitting.clamp(MIN_PACKERS.min(most), most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::uniform;
    use crate::sample::SampleType;

    /// Levels that take these bytes per second, and make these of one.
    fn all(levels: [(f64, f64); N_LEVELS]) -> [Option<Speed>; N_LEVELS] {
        levels.map(|(raw_bytes_per_s, packed_per_raw)| Some(Speed { raw_bytes_per_s, packed_per_raw }))
    }

    const USUAL: [(f64, f64); N_LEVELS] = [(150e6, 0.54), (100e6, 0.51), (50e6, 0.50)];

    #[test]
    fn it_begins_fast() {
        assert_eq!(choose(&[None; N_LEVELS], None, 2), Level::Fast);
        assert_eq!(choose(&[None; N_LEVELS], Some(1e3), 2), Level::Fast);
    }

    #[test]
    fn a_slow_line_has_time_for_few_bytes_and_a_fast_one_has_none() {
        // 50 MB/s of the recording for each of two workers make 50 MB/s on the line.
        let levels = all(USUAL);
        let chosen = [1e6, 45e6, 80e6, 100e6, 500e6].map(|line| choose(&levels, Some(line), 2));
        assert_eq!(chosen, [Level::Small, Level::Small, Level::Even, Level::Even, Level::Fast]);
    }

    #[test]
    fn more_workers_pack_harder() {
        let levels = all(USUAL);
        assert_eq!([1, 2, 7].map(|n| choose(&levels, Some(100e6), n)), [Level::Fast, Level::Even, Level::Small]);
    }

    #[test]
    fn levels_that_were_not_tried_are_tried_one_by_one() {
        let mut measured = [None; N_LEVELS];
        measured[0] = Some(Speed { raw_bytes_per_s: 150e6, packed_per_raw: 0.54 });
        assert_eq!(choose(&measured, Some(1e6), 2), Level::Even);
        measured[1] = Some(Speed { raw_bytes_per_s: 100e6, packed_per_raw: 0.51 });
        assert_eq!(choose(&measured, Some(1e6), 2), Level::Small);
    }

    #[test]
    fn what_gives_no_fewer_bytes_on_a_fast_line_is_not_waited_for() {
        // Samples of one byte are sent as they are.
        let same = all([(400e6, 1.0); N_LEVELS]);
        assert_eq!(choose(&same, Some(1e6), 2), Level::Small, "none takes longer");
        let slower = all([(400e6, 1.0), (100e6, 1.0), (50e6, 1.0)]);
        assert_eq!(choose(&slower, Some(600e6), 2), Level::Fast);
    }

    #[test]
    fn what_a_machine_does_now_counts_more_than_what_it_did() {
        let mut levels = Levels::default();
        for took_ms in [1000.0, 1000.0, 2000.0, 2000.0, 2000.0, 2000.0, 2000.0, 2000.0] {
            levels.packed(Level::Even, 100_000_000, 50_000_000, took_ms);
        }
        let [None, Some(even), None] = levels.measured() else { panic!("only one level was used") };
        assert!((even.packed_per_raw - 0.5).abs() < 1e-9);
        assert!((even.raw_bytes_per_s - 50e6).abs() < 5e6, "{even:?}");
    }

    #[test]
    fn rows_of_many_channels_are_packed_by_few() {
        let info = |n_channels: usize| {
            let ids = (0..n_channels).map(|at| at.to_string()).collect();
            uniform("signal", 20_000.0, SampleType::Int16, ids, 1.0)
        };
        assert_eq!([64, 1024, 4096].map(|n| n_packers(&info(n), 8)), [7, 2, 2]);
        assert_eq!([1, 2, 3, 4].map(|n| n_packers(&info(64), n)), [1, 2, 2, 3]);
    }
}
