//! Whether a function fits at all: the numbers in one place.
//!
//! A grammar turns any words into some call. Two signals tell whether the model
//! would have written a call by itself: the probability of the grammar's first tokens before
//! masking, and how much of the words the nearest function's description knows. When both are
//! weak, only `say` and `ask` stay open. What the worked examples tell comes before ([`crate::likely`]);
//! where it is not known, words that mean clearly more what an example answers with words than what any
//! does shut the gate, too.

/// The probability mass below which a request that no function's words cover is refused.
const MASS_WITHOUT_COVERAGE: f32 = 0.50;
/// The same for a request whose words one function covers wholly.
pub(crate) const MASS_WITH_COVERAGE: f32 = 0.30;
/// Up to this coverage a function counts as not covering anything.
const LEAST_COVERAGE: f64 = 0.25;
/// From this coverage on a function counts as covering everything.
const FULL_COVERAGE: f64 = 0.75;

/// How much more the words must be like an example that is answered with words than like any that acts,
/// for only words to come of them. On the development set requests that a function fits reach 0.12, but for one.
const WORDS_ABOVE_ACTS: f64 = 0.13;
/// From this nearness in meaning on a function of which no example tells is meant, whatever the probability: of the
/// requests that none fits, 0.52 is the nearest.
const NEAR: f32 = 0.55;
/// Up to this nearness a function of which no example tells, and of which the words name nothing, is not meant. Of the
/// requests that none fits and none names, 0.31 is the nearest.
const FAR: f32 = 0.35;
/// No probability reaches this: the gate shuts.
pub(crate) const SHUT: f32 = 2.0;

/// Tells whether worked examples are enough to know that no function fits. Both likenesses are from 0 to 1.
pub(crate) fn is_like_words(act: Option<f64>, words: Option<f64>) -> bool {
    words.is_some_and(|words| words - act.unwrap_or(0.0) >= WORDS_ABOVE_ACTS)
}

/// Tells whether a model may be wrong in thinking that a function fits, or that none does: the gate has
/// shut, or would have without any function near.
pub(crate) fn is_unsure(first_token_mass: Option<f32>, gated: bool) -> bool {
    gated || first_token_mass.is_some_and(|mass| mass < MASS_WITHOUT_COVERAGE)
}

/// Tells whether a function's text is so near in meaning that it is meant.
pub(crate) fn is_near(cosine: Option<f32>) -> bool {
    cosine.is_some_and(|cosine| cosine >= NEAR)
}

/// Tells whether words name nothing of any function's text, and mean none, as far as that is known.
pub(crate) fn names_nothing(coverage: f64, cosine: Option<f32>) -> bool {
    coverage == 0.0 && cosine.is_none_or(|cosine| cosine <= FAR)
}

/// Returns the probability mass on grammar-legal first tokens below which only the exits are open.
pub(crate) fn min_first_token_mass(coverage: f64) -> f32 {
    let share = (coverage - LEAST_COVERAGE) / (FULL_COVERAGE - LEAST_COVERAGE);
    let share = share.clamp(0.0, 1.0) as f32;
    MASS_WITHOUT_COVERAGE + share * (MASS_WITH_COVERAGE - MASS_WITHOUT_COVERAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_tells_no_probability_counts_as_sure() {
        assert!(!is_unsure(None, false) && !is_unsure(Some(0.5), false));
        assert!(is_unsure(Some(0.49), false) && is_unsure(Some(0.9), true));
    }

    #[test]
    fn words_like_those_of_refused_requests_shut_the_gate() {
        assert!(is_like_words(Some(0.5), Some(0.7)) && is_like_words(None, Some(0.4)));
        assert!(!is_like_words(Some(0.6), Some(0.7)) && !is_like_words(Some(0.6), None));
    }

    #[test]
    fn what_is_near_in_meaning_needs_nothing_of_the_model() {
        assert!(is_near(Some(0.56)) && !is_near(Some(0.54)) && !is_near(None));
        assert!(names_nothing(0.0, Some(0.31)) && names_nothing(0.0, None));
        assert!(!names_nothing(0.0, Some(0.4)) && !names_nothing(0.1, Some(0.31)));
    }

    #[test]
    fn covered_words_need_less_of_the_model() {
        assert_eq!(min_first_token_mass(0.0), MASS_WITHOUT_COVERAGE);
        assert_eq!(min_first_token_mass(1.0), MASS_WITH_COVERAGE);
        assert!(min_first_token_mass(0.4) > min_first_token_mass(0.6));
    }
}
