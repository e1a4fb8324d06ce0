//! One source for every vector unit.
//!
//! Kernels are plain loops over arrays of lanes. On x86-64 they are compiled once more for
//! AVX2 and, where the processor has it, that copy runs; on wasm and aarch64 the target's
//! own vectors are there from the start. No copy fuses a product with a sum, so all of them
//! give the same bits.

/// Runs `kernel` with the widest vectors of this processor. What the kernel calls must be
/// `#[inline(always)]`, or it keeps the narrow ones.
#[inline(always)]
pub fn widest<R>(kernel: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(kernel)
}
