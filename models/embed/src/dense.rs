//! A dense layer.

/// Weights and bias of a layer.
pub(crate) struct Dense {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// `inputs` rows of `outputs` numbers.
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl Dense {
    /// Multiplies each row of `inputs` numbers by the weights and adds the bias.
    pub(crate) fn apply(&self, rows: &[f32]) -> Vec<f32> {
        let count = rows.len() / self.inputs;
        let mut result = Vec::with_capacity(count * self.outputs);
        for _ in 0..count {
            result.extend_from_slice(&self.bias);
        }
        assert_eq!(rows.len(), count * self.inputs, "rows are whole");
        assert_eq!(self.weights.len(), self.inputs * self.outputs);
        assert_eq!(result.len(), count * self.outputs);
        // SAFETY: the lengths above are those that the sizes and steps below reach.
        unsafe {
            matrixmultiply::sgemm(
                count,
                self.inputs,
                self.outputs,
                1.0,
                rows.as_ptr(),
                self.inputs.cast_signed(),
                1,
                self.weights.as_ptr(),
                self.outputs.cast_signed(),
                1,
                1.0,
                result.as_mut_ptr(),
                self.outputs.cast_signed(),
                1,
            );
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_multiplied_and_the_bias_added() {
        let dense = Dense {
            inputs: 2,
            outputs: 3,
            weights: vec![1.0, 2.0, 3.0, 10.0, 20.0, 30.0],
            bias: vec![0.5, 0.0, -0.5],
        };
        assert_eq!(
            dense.apply(&[1.0, 1.0, 2.0, 0.0]),
            [11.5, 22.0, 32.5, 2.5, 4.0, 5.5]
        );
        assert!(dense.apply(&[]).is_empty());
    }
}
