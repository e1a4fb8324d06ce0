//! The sieve takes out of a list the values that lie within bounds, without branching on them.
//!
//! Whether a value passes cannot be foreseen, so vectors are compared, and those lanes that
//! pass are moved to the front: by the processor's own instruction where it has one, by a
//! table of shuffles elsewhere. All give the same list.

/// How many values lie below the bounds and within them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub below: usize,
    pub within: usize,
}

impl Found {
    /// With what the lanes of a vector counted below.
    #[inline(always)]
    fn with<const LANES: usize>(self, below: [u32; LANES]) -> Self {
        Self { below: self.below + below.iter().sum::<u32>() as usize, ..self }
    }
}

/// Values that may be written behind those that pass.
pub const SPARE: usize = 16;

/// A processor's way.
pub trait Sieve: Copy {
    /// Writes the values `low <= value < high` to the front of `out`, in order. `out` is longer
    /// than `values` by [`SPARE`]; what follows those that pass means nothing.
    fn sieve(self, values: &[f32], bounds: [f32; 2], out: &mut [f32]) -> Found;
}

/// For each pattern of lanes that pass, those lanes one after another.
const fn places<const LANES: usize, const PATTERNS: usize>() -> [[u32; LANES]; PATTERNS] {
    let mut table = [[0; LANES]; PATTERNS];
    let mut pattern = 0;
    while pattern < PATTERNS {
        let (mut lane, mut n) = (0, 0);
        while lane < LANES {
            if (pattern >> lane) & 1 == 1 {
                #[expect(clippy::cast_possible_truncation, reason = "at most eight lanes")]
                let place = lane as u32;
                table[pattern][n] = place;
                n += 1;
            }
            lane += 1;
        }
        pattern += 1;
    }
    table
}

/// Goes through `values` a vector at a time: `part` returns the lanes within, and the vector
/// with those in front. What lies below is counted by `part`, for all but the last few values.
#[inline(always)]
fn by_vectors<const LANES: usize>(
    values: &[f32],
    [low, high]: [f32; 2],
    out: &mut [f32],
    mut part: impl FnMut(&[f32; LANES]) -> (u32, [f32; LANES]),
) -> Found {
    let (vectors, rest) = values.as_chunks::<LANES>();
    let mut found = Found { below: 0, within: 0 };
    for vector in vectors {
        let (within, front) = part(vector);
        out[found.within..found.within + LANES].copy_from_slice(&front);
        found.within += within.count_ones() as usize;
    }
    for value in rest {
        out[found.within] = *value;
        found.below += usize::from(*value < low);
        found.within += usize::from((*value >= low) & (*value < high));
    }
    found
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use pulp::cast;
    use pulp::x86::{V3, V4};

    use super::{Found, Sieve, by_vectors, places};

    /// The comparison `<`, false for NaN, as the instruction counts them.
    const LESS: i32 = 0x11;

    impl Sieve for V4 {
        #[inline(always)]
        fn sieve(self, values: &[f32], bounds: [f32; 2], out: &mut [f32]) -> Found {
            let avx512 = self.avx512f;
            let [low, high] = bounds.map(|bound| avx512._mm512_set1_ps(bound));
            let (one, mut below) = (avx512._mm512_set1_epi32(1), avx512._mm512_set1_epi32(0));
            let found = by_vectors::<16>(values, bounds, out, |vector| {
                let vector = cast(*vector);
                let less = avx512._mm512_cmp_ps_mask::<LESS>(vector, low);
                below = avx512._mm512_mask_add_epi32(below, less, below, one);
                let within = avx512._mm512_cmp_ps_mask::<LESS>(vector, high) & !less;
                (within.into(), cast(avx512._mm512_maskz_compress_ps(within, vector)))
            });
            found.with(cast::<_, [u32; 16]>(below))
        }
    }

    static PLACES: [[u32; 8]; 256] = places();

    impl Sieve for V3 {
        #[inline(always)]
        fn sieve(self, values: &[f32], bounds: [f32; 2], out: &mut [f32]) -> Found {
            let (avx, avx2) = (self.avx, self.avx2);
            let [low, high] = bounds.map(|bound| avx._mm256_set1_ps(bound));
            let mut below = avx._mm256_set1_epi32(0);
            let found = by_vectors::<8>(values, bounds, out, |vector| {
                let vector = cast(*vector);
                let less = avx._mm256_cmp_ps::<LESS>(vector, low);
                // Lanes that pass hold minus one.
                below = avx2._mm256_sub_epi32(below, cast(less));
                let within = avx._mm256_andnot_ps(less, avx._mm256_cmp_ps::<LESS>(vector, high));
                let within = avx._mm256_movemask_ps(within).cast_unsigned();
                let places = cast(PLACES[within as usize & 255]);
                (within, cast(avx2._mm256_permutevar8x32_ps(vector, places)))
            });
            found.with(cast::<_, [u32; 8]>(below))
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use core::arch::wasm32::{
        f32x4, f32x4_extract_lane, f32x4_lt, f32x4_splat, i32x4_bitmask, u8x16_swizzle, u32x4, u32x4_extract_lane,
        u32x4_sub, v128, v128_andnot,
    };

    use super::{Found, Portable, Sieve, by_vectors, places};

    /// Bytes of lane 0, and how far those of the next lie behind them.
    const FIRST: u32 = 0x0302_0100;
    const STEP: u32 = 0x0404_0404;

    /// As bytes, four to a lane.
    static PLACES: [v128; 16] = {
        let (places, mut table) = (places::<4, 16>(), [u32x4(0, 0, 0, 0); 16]);
        let mut pattern = 0;
        while pattern < table.len() {
            let [a, b, c, d] = places[pattern];
            table[pattern] = u32x4(a * STEP + FIRST, b * STEP + FIRST, c * STEP + FIRST, d * STEP + FIRST);
            pattern += 1;
        }
        table
    };

    impl Sieve for Portable {
        #[inline(always)]
        fn sieve(self, values: &[f32], bounds: [f32; 2], out: &mut [f32]) -> Found {
            let [low, high] = bounds.map(|bound| f32x4_splat(bound));
            let mut below = u32x4(0, 0, 0, 0);
            let found = by_vectors::<4>(values, bounds, out, |[a, b, c, d]| {
                let vector = f32x4(*a, *b, *c, *d);
                let less = f32x4_lt(vector, low);
                // Lanes that pass hold minus one.
                below = u32x4_sub(below, less);
                let within = u32::from(i32x4_bitmask(v128_andnot(f32x4_lt(vector, high), less)));
                let front = u8x16_swizzle(vector, PLACES[within as usize & 15]);
                let lanes = [
                    f32x4_extract_lane::<0>(front),
                    f32x4_extract_lane::<1>(front),
                    f32x4_extract_lane::<2>(front),
                    f32x4_extract_lane::<3>(front),
                ];
                (within, lanes)
            });
            found.with([
                u32x4_extract_lane::<0>(below),
                u32x4_extract_lane::<1>(below),
                u32x4_extract_lane::<2>(below),
                u32x4_extract_lane::<3>(below),
            ])
        }
    }
}

/// Vectors of four values, which every processor of the target has.
#[derive(Clone, Copy)]
pub struct Portable;

#[cfg(not(target_arch = "wasm32"))]
mod portable {
    use super::{Found, Portable, Sieve, by_vectors, places};

    static PLACES: [[u32; 4]; 16] = places();

    impl Sieve for Portable {
        #[inline(always)]
        fn sieve(self, values: &[f32], bounds: [f32; 2], out: &mut [f32]) -> Found {
            let [low, high] = bounds;
            let mut n_below = [0; 4];
            let found = by_vectors::<4>(values, bounds, out, |vector| {
                let mut within = 0;
                for lane in 0..4 {
                    let below = vector[lane] < low;
                    n_below[lane] += u32::from(below);
                    within |= u32::from((vector[lane] < high) & !below) << lane;
                }
                (within, PLACES[within as usize & 15].map(|place| vector[place as usize & 3]))
            });
            found.with(n_below)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sieved(sieve: impl Sieve, values: &[f32], bounds: [f32; 2]) -> (usize, Vec<f32>) {
        let mut out = vec![0.0; values.len() + SPARE];
        let found = sieve.sieve(values, bounds, &mut out);
        out.truncate(found.within);
        (found.below, out)
    }

    proptest! {
        #[test]
        fn every_processor_keeps_the_same_values(
            values in prop::collection::vec(prop_oneof![-10_f32..10.0, Just(f32::NAN), Just(1.0)], 0..200),
            low in -5_f32..5.0,
            width in 0_f32..5.0,
        ) {
            let bounds = [low, low + width];
            let within = |value: &f32| *value >= bounds[0] && *value < bounds[1];
            let want = (
                values.iter().filter(|value| **value < low).count(),
                values.iter().copied().filter(within).collect::<Vec<_>>(),
            );
            prop_assert_eq!(&sieved(Portable, &values, bounds), &want);
            #[cfg(target_arch = "x86_64")]
            {
                if let Some(simd) = pulp::x86::V3::try_new() {
                    prop_assert_eq!(&sieved(simd, &values, bounds), &want);
                }
                if let Some(simd) = pulp::x86::V4::try_new() {
                    prop_assert_eq!(&sieved(simd, &values, bounds), &want);
                }
            }
        }
    }
}
