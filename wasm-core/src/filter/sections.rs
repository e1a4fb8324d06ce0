//! A filter as a cascade of second-order sections.

/// One second-order section, `a0 = 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// Feed-forward coefficients `b0, b1, b2`.
    pub b: [f64; 3],
    /// Feedback coefficients `a1, a2`.
    pub a: [f64; 2],
}

/// Longest impulse response that is followed; beyond it a filter is refused as unstable
/// or too slow: it is 1.6 s at 40 kHz.
const MAX_FRAMES: usize = 1 << 16;

/// Memories below this part of the largest output cannot change any margin.
const NOTHING: f64 = 1e-30;

/// Frames after which the cascade's impulse response has lost all but `remaining` of
/// its absolute sum; `None` when it has not after 65,536 frames.
///
/// This is the margin that a block needs on each side so that filtering it alone
/// differs from filtering the whole by at most `remaining` times the signal's size.
#[must_use]
pub fn impulse_response_frames(sections: &[Section], remaining: f64) -> Option<usize> {
    let mut state = vec![[0.0_f64; 2]; sections.len()];
    let mut sizes = Vec::new();
    let mut largest = 0.0_f64;
    for frame in 0..MAX_FRAMES {
        let mut value = if frame == 0 { 1.0 } else { 0.0 };
        for (section, state) in sections.iter().zip(&mut state) {
            let out = section.b[0] * value + state[0];
            state[0] = section.b[1] * value - section.a[0] * out + state[1];
            state[1] = section.b[2] * value - section.a[1] * out;
            value = out;
        }
        sizes.push(value.abs());
        largest = largest.max(value.abs());
        if state.iter().flatten().all(|state| state.abs() <= NOTHING * largest) {
            break;
        }
    }
    let total: f64 = sizes.iter().sum();
    let mut tail = 0.0;
    for (frame, size) in sizes.iter().enumerate().rev() {
        tail += size;
        if !(tail <= remaining * total) {
            return (frame + 1 < MAX_FRAMES).then_some(frame + 1);
        }
    }
    Some(0)
}
