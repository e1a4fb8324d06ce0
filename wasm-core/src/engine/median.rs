//! The exact median of each frame's channels.

/// Finds medians of consecutive frames, using each as the guess for the next.
///
/// One pass counts the values below a window around the guess and collects those inside;
/// the median is then selected among these few. When the window missed, all values are
/// sorted through. The result is exact either way.
pub struct FrameMedian {
    centre: f32,
    width: f32,
    inside: Vec<f32>,
}

impl Default for FrameMedian {
    fn default() -> Self {
        Self { centre: 0.0, width: 1.0, inside: Vec::new() }
    }
}

impl FrameMedian {
    /// The median of `values`, the mean of the middle two when their number is even.
    /// `values` are finite and not empty.
    pub fn of(&mut self, values: &[f32]) -> f32 {
        let middle = [(values.len() - 1) / 2, values.len() / 2];
        let (low, high) = (self.centre - self.width, self.centre + self.width);
        self.inside.resize(values.len() + 1, 0.0);
        let (mut n_below, mut n_inside) = (0, 0);
        for value in values {
            self.inside[n_inside] = *value;
            n_inside += usize::from(*value >= low && *value < high);
            n_below += usize::from(*value < low);
        }
        let median = if n_below <= middle[0] && middle[1] < n_below + n_inside {
            // Aim at a window that holds about a tenth of the channels.
            if n_inside > values.len() / 8 {
                self.width *= 0.95;
            }
            select(&mut self.inside[..n_inside], middle.map(|rank| rank - n_below))
        } else {
            self.width = (self.width * 1.5).max(f32::MIN_POSITIVE);
            self.inside[..values.len()].copy_from_slice(values);
            select(&mut self.inside[..values.len()], middle)
        };
        self.centre = median;
        median
    }
}

/// The mean of the values of ranks `[low, low]` or `[low, low + 1]`.
fn select(values: &mut [f32], [low, high]: [usize; 2]) -> f32 {
    let (_, first, above) = values.select_nth_unstable_by(low, f32::total_cmp);
    let first = *first;
    if high == low {
        return first;
    }
    let second = above.iter().copied().fold(f32::INFINITY, f32::min);
    (first + second) * 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_the_middle_of_the_sorted_values(frames in prop::collection::vec(prop::collection::vec(-100_i16..100, 1..70), 1..30)) {
            let mut median = FrameMedian::default();
            for frame in frames {
                let mut values: Vec<f32> = frame.iter().map(|value| f32::from(*value) / 3.0).collect();
                let got = median.of(&values);
                values.sort_by(f32::total_cmp);
                let want = (values[(values.len() - 1) / 2] + values[values.len() / 2]) * 0.5;
                prop_assert_eq!(got, want);
            }
        }
    }
}
