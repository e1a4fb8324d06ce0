//! Eight channels as one number, so that one transform works on a cell's sixteen at once: eight
//! are the real part, eight the imaginary.

use std::array::from_fn;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use rustfft::num_complex::Complex;
use rustfft::num_traits::{FromPrimitive, Num, One, Signed, Zero};

use super::cascade::{Cell, LANES};

/// Channels of a number.
const N: usize = LANES / 2;

/// Half a cell with the arithmetic of a number: each operation is done lane by lane, so it gives
/// the bits that eight numbers would give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lanes([f32; N]);

impl Lanes {
    /// A cell as one complex number.
    pub fn pair(cell: &Cell) -> Complex<Self> {
        Complex::new(Self(from_fn(|lane| cell[lane])), Self(from_fn(|lane| cell[N + lane])))
    }

    /// The cell of a complex number.
    pub fn cell(pair: &Complex<Self>) -> Cell {
        from_fn(|lane| if lane < N { pair.re.0[lane] } else { pair.im.0[lane - N] })
    }

    fn each(self, value: impl Fn(f32) -> f32) -> Self {
        Self(self.0.map(value))
    }
}

macro_rules! by_lane {
    ($($operation:ident $name:ident $sign:tt),*) => {
        $(impl $operation for Lanes {
            type Output = Self;

            #[inline]
            fn $name(self, other: Self) -> Self {
                Self(from_fn(|lane| self.0[lane] $sign other.0[lane]))
            }
        })*
    };
}

by_lane!(Add add +, Sub sub -, Mul mul *, Div div /, Rem rem %);

impl Mul<f32> for Lanes {
    type Output = Self;

    #[inline]
    fn mul(self, other: f32) -> Self {
        Self(from_fn(|lane| self.0[lane] * other))
    }
}

impl Neg for Lanes {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        self.each(Neg::neg)
    }
}

impl Zero for Lanes {
    fn zero() -> Self {
        Self([0.0; N])
    }

    fn is_zero(&self) -> bool {
        *self == Self::zero()
    }
}

impl One for Lanes {
    fn one() -> Self {
        Self([1.0; N])
    }
}

impl Num for Lanes {
    type FromStrRadixErr = <f32 as Num>::FromStrRadixErr;

    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        f32::from_str_radix(text, radix).map(|value| Self([value; N]))
    }
}

/// In every lane; a sign is asked of the first.
impl Signed for Lanes {
    fn abs(&self) -> Self {
        self.each(f32::abs)
    }

    fn abs_sub(&self, other: &Self) -> Self {
        Self(from_fn(|lane| (self.0[lane] - other.0[lane]).max(0.0)))
    }

    fn signum(&self) -> Self {
        self.each(f32::signum)
    }

    fn is_positive(&self) -> bool {
        self.0[0].is_sign_positive()
    }

    fn is_negative(&self) -> bool {
        self.0[0].is_sign_negative()
    }
}

impl FromPrimitive for Lanes {
    fn from_i64(value: i64) -> Option<Self> {
        f32::from_i64(value).map(|value| Self([value; N]))
    }

    fn from_u64(value: u64) -> Option<Self> {
        f32::from_u64(value).map(|value| Self([value; N]))
    }

    fn from_f64(value: f64) -> Option<Self> {
        f32::from_f64(value).map(|value| Self([value; N]))
    }
}
