//! What a text means, as numbers.

use std::sync::Arc;

/// A vector of length 1; texts of like meaning have vectors of like direction. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector(Arc<[f32]>);

impl Vector {
    /// Brings numbers to length 1; none where they have no direction.
    pub fn new(mut numbers: Vec<f32>) -> Option<Vector> {
        let length = numbers
            .iter()
            .map(|number| number * number)
            .sum::<f32>()
            .sqrt();
        if !length.is_finite() || length <= f32::EPSILON {
            return None;
        }
        numbers.iter_mut().for_each(|number| *number /= length);
        Some(Vector(numbers.into()))
    }

    /// Returns the cosine of the angle between two vectors: 1 for the same direction. Vectors of
    /// different models have nothing to do with each other; of other widths they give 0.
    pub fn cosine(&self, other: &Vector) -> f32 {
        if self.0.len() != other.0.len() {
            return 0.0;
        }
        // Eight sums side by side, which the processor adds at once.
        let mut sums = [0.0_f32; 8];
        let (own, others) = (self.0.chunks_exact(8), other.0.chunks_exact(8));
        let rest: f32 = own
            .remainder()
            .iter()
            .zip(others.remainder())
            .map(|(a, b)| a * b)
            .sum();
        for (a, b) in own.zip(others) {
            for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
                *sum += a * b;
            }
        }
        sums.iter().sum::<f32>() + rest
    }

    /// Returns the numbers.
    pub fn numbers(&self) -> &[f32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_compared() {
        let vector = |numbers: &[f32]| Vector::new(numbers.to_vec()).expect("a direction");
        let one = vector(&[3.0, 4.0]);
        assert_eq!(one.numbers(), [0.6, 0.8]);
        assert_eq!(one.cosine(&vector(&[-4.0, 3.0])), 0.0);
        assert_eq!(one.cosine(&vector(&[1.0])), 0.0);
        let long = vector(&[1.0; 19]);
        assert!((long.cosine(&long) - 1.0).abs() < 1e-6);
        assert_eq!(Vector::new(vec![0.0; 3]), None);
        assert_eq!(Vector::new(vec![f32::NAN]), None);
    }
}
