//! "Did you mean …?"

use strsim::normalized_damerau_levenshtein as likeness;

/// Returns the candidate nearest to `written`, if one is near enough to be a slip.
pub(crate) fn closest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let written = written.to_lowercase();
    nearest(candidates, 0.6, |candidate| {
        likeness(&written, &candidate.to_lowercase())
    })
}

/// Returns the function that was probably meant by `written`.
///
/// Within one domain the verbs are compared, because a long domain would make
/// any two of its functions alike. A verb that only one function has is enough.
pub(crate) fn closest_function<'a>(
    written: &str,
    functions: impl Iterator<Item = &'a str> + Clone,
) -> Option<String> {
    let (domain, verb) = split(written);
    let slip = nearest(functions.clone(), 0.6, |function| {
        let (other_domain, other_verb) = split(function);
        if domain == other_domain {
            likeness(verb, other_verb)
        } else {
            // A slip in the domain, or the dot forgotten; stricter, as more functions compete.
            likeness(written, function) - 0.15
        }
    });
    slip.or_else(|| {
        let mut same = functions.filter(|function| split(function).1 == verb);
        let found = same.next()?.to_owned();
        same.next().is_none().then_some(found)
    })
}

fn split(function: &str) -> (&str, &str) {
    function.rsplit_once('.').unwrap_or(("", function))
}

fn nearest<'a>(
    candidates: impl IntoIterator<Item = &'a str>,
    least: f64,
    likeness: impl Fn(&str) -> f64,
) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness >= least)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}
