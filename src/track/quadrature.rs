//! Gauss-Legendre integration.

use std::f64::consts::PI;

/// Points and weights on 0..1 of Gauss' rule with `count` points, exact for polynomials of degree
/// `2 count - 1`: roots of the Legendre polynomial by Newton's iteration from Tricomi's
/// approximation (Press et al., *Numerical Recipes*, section 4.6). Mirror images of one another to
/// the last bit.
pub(crate) fn gauss_legendre(count: usize) -> Vec<(f64, f64)> {
    let mut rule = vec![(0.0, 0.0); count];
    for i in 0..count.div_ceil(2) {
        let mut x = libm::cos(PI * (i as f64 + 0.75) / (count as f64 + 0.5));
        let mut slope = 1.0;
        for _ in 0..20 {
            let (mut p, mut before) = (1.0, 0.0);
            for k in 0..count {
                let k = k as f64;
                let next = ((2.0 * k + 1.0) * x * p - k * before) / (k + 1.0);
                before = p;
                p = next;
            }
            slope = count as f64 * (x * p - before) / (x * x - 1.0);
            let step = p / slope;
            x -= step;
            if step.abs() < 1e-16 {
                break;
            }
        }
        let weight = 1.0 / ((1.0 - x * x) * slope * slope);
        rule[i] = (0.5 * (1.0 - x), weight);
        rule[count - 1 - i] = (0.5 * (1.0 + x), weight);
    }
    rule
}

#[cfg(test)]
mod tests {
    use super::gauss_legendre;

    #[test]
    fn integrates_polynomials_of_its_degree() {
        for count in [1, 2, 5, 12] {
            let rule = gauss_legendre(count);
            for degree in 0..2 * count {
                let sum: f64 = rule
                    .iter()
                    .map(|(x, w)| w * x.powi(i32::try_from(degree).unwrap()))
                    .sum();
                let expected = 1.0 / (degree as f64 + 1.0);
                assert!((sum - expected).abs() < 1e-14, "{count} {degree}");
            }
        }
    }
}
