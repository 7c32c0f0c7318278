//! Percentiles.

/// Returns the value below which `percent` of `values` lie, by the nearest rank.
///
/// The nearest rank is always a value that was measured; with few values a high
/// percentile is their maximum.
pub(crate) fn percentile(values: &[f64], percent: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measured_values() {
        let values = [30.0, 10.0, 20.0, 40.0];
        assert_eq!(percentile(&values, 50.0), Some(20.0));
        assert_eq!(percentile(&values, 99.0), Some(40.0));
        assert_eq!(percentile(&values, 1.0), Some(10.0));
    }

    #[test]
    fn nothing_has_no_percentile() {
        assert_eq!(percentile(&[], 50.0), None);
    }
}
