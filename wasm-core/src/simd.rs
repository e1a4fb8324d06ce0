//! One source for every vector unit.
//!
//! Kernels are plain loops over arrays of lanes. On x86-64 they are compiled once more for
//! AVX2 and for AVX-512, and the widest copy that the processor has runs; on wasm and aarch64
//! the target's own vectors are there from the start. No copy fuses a product with a sum, so all of them
//! give the same bits.

/// Runs `kernel` with the widest vectors of this processor. What the kernel calls must be
/// `#[inline(always)]`, or it keeps the narrow ones.
#[inline(always)]
pub fn widest<R>(kernel: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(kernel)
}

/// Whether this processor has AVX-512: thirty-two registers of sixteen values.
pub fn is_widest() -> bool {
    #[cfg(target_arch = "x86_64")]
    return matches!(pulp::Arch::new(), pulp::Arch::V4(_));
    #[cfg(not(target_arch = "x86_64"))]
    false
}
