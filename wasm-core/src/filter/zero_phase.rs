//! A signal forward and backward through a cascade, in double precision.

use super::Section;

/// Filters a whole signal without delay: `scipy.signal.sosfiltfilt` with its defaults. Beyond its ends it goes on
/// mirrored through them, by three times the cascade's taps; both ways begin settled. A signal that is shorter
/// than that extension is not filtered.
#[must_use]
pub fn filtered_both_ways(sections: &[Section], values: &[f64]) -> Vec<f64> {
    let zeros = |at: fn(&Section) -> f64| sections.iter().filter(|section| at(section) == 0.0).count();
    let n_taps = 2 * sections.len() + 1 - zeros(|section| section.b[2]).min(zeros(|section| section.a[1]));
    let reach = 3 * n_taps;
    if values.len() <= reach {
        return values.to_vec();
    }
    let (first, last) = (values[0], values[values.len() - 1]);
    let before = values[1..=reach].iter().rev().map(|value| 2.0 * first - value);
    let behind = values[values.len() - 1 - reach..values.len() - 1].iter().rev().map(|value| 2.0 * last - value);
    let mut extended: Vec<f64> = before.chain(values.iter().copied()).chain(behind).collect();
    one_way(sections, &mut extended);
    extended.reverse();
    one_way(sections, &mut extended);
    extended.reverse();
    extended[reach..reach + values.len()].to_vec()
}

/// One way through the cascade, begun as if the first value had always been there.
fn one_way(sections: &[Section], values: &mut [f64]) {
    let mut steady = values.first().copied().unwrap_or_default();
    for Section { b: [b0, b1, b2], a: [a1, a2] } in sections {
        let settled = steady * (b0 + b1 + b2) / (1.0 + a1 + a2);
        let (mut s1, mut s2) = (settled - b0 * steady, b2 * steady - a2 * settled);
        for value in values.iter_mut() {
            let x = *value;
            let y = b0 * x + s1;
            s1 = b1 * x - a1 * y + s2;
            s2 = b2 * x - a2 * y;
            *value = y;
        }
        steady = settled;
    }
}
