//! The model against a calculation by hand and against what was measured.

use super::*;
use crate::cost::{Workload, upload_and_run_usd};
use crate::regions::priced;

fn stream(channels: usize, seconds: f64) -> StreamInfo {
    Workload { channels, seconds, ..Workload::default() }.stream()
}

/// Whether a number is another one up to a share.
fn is_about(found: f64, expected: f64, share: f64) -> bool {
    (found - expected).abs() <= share * expected
}

#[test]
fn a_run_of_12_gb_costs_a_cent_and_half_as_much_again_with_chunks_fetched_one_by_one() {
    let (info, prices) = (stream(1024, 300.0), priced(None).1);
    let one_by_one = Work::expected_with(&info, Fetching::OneByOne).usd(&prices);
    assert!(is_about(one_by_one, 0.0142, 0.02), "{one_by_one}");
    let ahead = Work::expected_with(&info, Fetching::Ahead).usd(&prices);
    assert!(is_about(ahead, 0.0097, 0.02), "{ahead}");
    let all = upload_and_run_usd(&info, &prices);
    assert!(is_about(all, 0.0177, 0.02), "{all}");
}

/// One core, S3 30 ms away with 85 MB/s: the seconds that the functions took.
#[test]
fn expected_seconds_are_those_that_were_measured() {
    for (channels, seconds, measured_s) in [(1024, 40.0, 42.3), (4096, 14.0, 66.7)] {
        let expected = Work::expected_with(&stream(channels, seconds), Fetching::OneByOne);
        assert!(is_about(expected.analyse_s, measured_s, 0.2), "{channels} channels: {expected:?}");
    }
    let ahead = Work::expected_with(&stream(1024, 40.0), Fetching::Ahead);
    assert!(is_about(ahead.analyse_s, 20.5, 0.2), "{ahead:?}");
}

/// What a receipt is made of, with the seconds that were measured, is what was offered before.
#[test]
fn the_estimate_is_within_a_fifth_of_the_receipt() {
    let (info, prices) = (stream(1024, 40.0), priced(None).1);
    let offered = Work::expected_with(&info, Fetching::OneByOne);
    // 13 rows of 16 chunks for Plan; four slices of four rows, with six margins between them; their sums and peaks.
    let receipt = Work {
        plan_s: 15.0,
        analyse_s: 42.3,
        reduce_s: 1.3,
        followed_s: 30.0,
        n_reads: 13 * 16 + (13 + 6) * 16 + 8,
        n_writes: 4 * 18 + 16,
        n_slices: 4,
    };
    assert_eq!((offered.n_reads, offered.n_writes, offered.n_slices), (receipt.n_reads, receipt.n_writes, 4));
    let (offered, receipt) = (offered.usd(&prices), receipt.usd(&prices));
    assert!(is_about(offered, receipt, 0.2), "{offered} was offered, {receipt} is the receipt");
}

#[test]
fn work_that_was_not_cut_costs_its_time() {
    let prices = priced(None).1;
    let work = Work { analyse_s: 100.0, ..Work::default() };
    let time = 100.0 * ANALYSE_GB * prices.usd(Paid::ComputeGbS, 1.0);
    assert!(work.usd(&prices) >= time && is_about(work.usd(&prices), time, 0.05));
}

#[test]
fn every_recording_has_rows_to_read() {
    for (channels, seconds) in [(1, 1.0), (16, 3.0), (64, 3.3), (4096, 10.0)] {
        let work = Work::expected(&stream(channels, seconds));
        assert!(work.n_reads > 0 && work.n_slices > 0 && work.plan_s > 0.0, "{work:?}");
    }
}
