//! Four numbers side by side, and arithmetic on them for every instruction set.

use pulp::{Scalar256b, Simd, f64x4};

/// Four lanes, aligned for one load.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(crate) struct Four(pub(crate) f64x4);

impl Four {
    pub(crate) const ZERO: Self = Self(f64x4(0.0, 0.0, 0.0, 0.0));

    pub(crate) fn from_array(a: [f64; 4]) -> Self {
        Self(f64x4(a[0], a[1], a[2], a[3]))
    }

    /// The same number in every lane.
    pub(crate) fn splat(a: f64) -> Self {
        Self(f64x4(a, a, a, a))
    }

    pub(crate) fn to_array(self) -> [f64; 4] {
        [self.0.0, self.0.1, self.0.2, self.0.3]
    }

    /// One lane; lanes count modulo four, so that there is nothing to check.
    #[inline(always)]
    pub(crate) fn get(&self, lane: usize) -> f64 {
        let lanes: &[f64; 4] = pulp::bytemuck::cast_ref(&self.0);
        lanes[lane % 4]
    }

    /// One lane, to be changed.
    #[inline(always)]
    pub(crate) fn at(&mut self, lane: usize) -> &mut f64 {
        let lanes: &mut [f64; 4] = pulp::bytemuck::cast_mut(&mut self.0);
        &mut lanes[lane % 4]
    }

    /// Sum of the lanes.
    #[inline(always)]
    pub(crate) fn sum(self) -> f64 {
        (self.0.0 + self.0.1) + (self.0.2 + self.0.3)
    }

    /// Whether a lane is above `limit`.
    #[inline(always)]
    pub(crate) fn any_above(self, limit: f64) -> bool {
        self.0.0 > limit || self.0.1 > limit || self.0.2 > limit || self.0.3 > limit
    }
}

/// Arithmetic of four lanes in one instruction set. There is no fused operation: `a b + c` rounds
/// twice everywhere, so that results do not depend on the processor.
#[derive(Clone, Copy)]
pub(crate) struct Ops<S: Simd<f64s = f64x4>>(pub(crate) S);

impl<S: Simd<f64s = f64x4>> Ops<S> {
    #[inline(always)]
    pub(crate) fn add(self, a: f64x4, b: f64x4) -> f64x4 {
        self.0.add_f64s(a, b)
    }

    #[inline(always)]
    pub(crate) fn sub(self, a: f64x4, b: f64x4) -> f64x4 {
        self.0.sub_f64s(a, b)
    }

    #[inline(always)]
    pub(crate) fn mul(self, a: f64x4, b: f64x4) -> f64x4 {
        self.0.mul_f64s(a, b)
    }

    /// Larger of two lanes.
    #[inline(always)]
    pub(crate) fn max(self, a: f64x4, b: f64x4) -> f64x4 {
        self.0.max_f64s(a, b)
    }

    /// Smaller of two lanes.
    #[inline(always)]
    pub(crate) fn min(self, a: f64x4, b: f64x4) -> f64x4 {
        self.0.min_f64s(a, b)
    }

    /// Modulus.
    #[inline(always)]
    pub(crate) fn abs(self, a: f64x4) -> f64x4 {
        self.0.abs_f64s(a)
    }

    /// One in lanes above zero (by 1e-300), else zero.
    #[inline(always)]
    pub(crate) fn above_zero(self, a: f64x4) -> f64x4 {
        let scaled = self.mul(a, Four::splat(1e300).0);
        self.max(Four::ZERO.0, self.min(Four::splat(1.0).0, scaled))
    }
}

/// Something to do with four-lane arithmetic.
pub(crate) trait Kernel {
    /// Does it.
    fn run<S: Simd<f64s = f64x4>>(self, ops: Ops<S>);
}

/// Which instruction set runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Level {
    /// Whatever the target offers everywhere.
    Portable,
    /// AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
}

impl Level {
    /// The best that this processor has.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = pulp::x86::V3::try_new() {
            return Self::Avx2(avx2);
        }
        Self::Portable
    }

    /// Runs a kernel.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) {
        match self {
            Self::Portable => kernel.run(Ops(Scalar256b)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => {
                Simd::vectorize(avx2, OnAvx2 { avx2, kernel });
            }
        }
    }
}

/// A kernel inside of a function that is compiled for AVX2.
#[cfg(target_arch = "x86_64")]
struct OnAvx2<K> {
    avx2: pulp::x86::V3,
    kernel: K,
}

#[cfg(target_arch = "x86_64")]
impl<K: Kernel> pulp::WithSimd for OnAvx2<K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.kernel.run(Ops(self.avx2));
    }
}
