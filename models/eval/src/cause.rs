//! Why a plan is wrong, as far as its shape tells.

use plan::{Head, Plan};

/// The causes, most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// There is no plan: an error came instead.
    NoPlan,
    /// Words came back where something was to be done.
    Refused,
    /// Something was to be done where only words are right.
    Acted,
    /// Another function than any accepted plan calls.
    WrongFunction,
    /// The right functions, but too many or too few statements.
    WrongLength,
    /// The right functions with wrong arguments, order or parts.
    WrongArguments,
}

impl Cause {
    /// Finds the cause for a plan that was not accepted.
    pub(crate) fn of(plan: &str, accepted: &[String]) -> Cause {
        let Ok(plan) = plan::parse(plan) else {
            return Cause::NoPlan;
        };
        if plan.statements.is_empty() {
            return Cause::NoPlan;
        }
        let functions = functions(&plan);
        let wanted: Vec<Vec<String>> = accepted
            .iter()
            .filter_map(|plan| crate::judge::pattern_of(plan).ok())
            .map(|plan| self::functions(&plan))
            .collect();
        match functions.is_empty() {
            true if wanted.iter().any(|wanted| !wanted.is_empty()) => return Cause::Refused,
            false if wanted.iter().all(Vec::is_empty) => return Cause::Acted,
            _ => {}
        }
        let is_known = |name: &String| wanted.iter().any(|wanted| wanted.contains(name));
        if !functions.iter().all(is_known) {
            Cause::WrongFunction
        } else if !wanted.iter().any(|wanted| wanted.len() == functions.len()) {
            Cause::WrongLength
        } else {
            Cause::WrongArguments
        }
    }

    /// Names it for the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Cause::NoPlan => "no plan",
            Cause::Refused => "refused what it can do",
            Cause::Acted => "acted where words were right",
            Cause::WrongFunction => "wrong function",
            Cause::WrongLength => "a call too many or too few",
            Cause::WrongArguments => "wrong arguments",
        }
    }
}

fn functions(plan: &Plan) -> Vec<String> {
    plan.statements
        .iter()
        .filter_map(|statement| match &statement.call.head {
            Head::Function(name) => Some(name.to_string()),
            Head::Word(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_follow_from_the_shape() {
        for (plan, accepted, cause) in [
            ("", &["audio.mute()"][..], Cause::NoPlan),
            ("say(\"no\")", &["audio.mute()"], Cause::Refused),
            ("audio.mute()", &[], Cause::Acted),
            ("audio.mute()", &["ask(_)"], Cause::Acted),
            ("audio.unmute()", &["audio.mute()"], Cause::WrongFunction),
            (
                "audio.mute()\naudio.mute()",
                &["audio.mute()"],
                Cause::WrongLength,
            ),
            (
                "audio.set_volume(3)",
                &["audio.set_volume(30)"],
                Cause::WrongArguments,
            ),
        ] {
            let accepted: Vec<String> = accepted.iter().map(|plan| (*plan).to_owned()).collect();
            assert_eq!(Cause::of(plan, &accepted), cause, "{plan}");
        }
    }
}
