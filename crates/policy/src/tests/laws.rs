//! What must hold for every call whatsoever.

use std::collections::BTreeMap;

use plan::{Confidentiality, Effect, FunctionName, Integrity, Label, Role, Value};
use proptest::prelude::*;

use crate::{
    Consent, Decision, Digest, Permission, PermitError, PermittedCall, REASONS, ResolvedArgument,
    ResolvedCall, Rule, Rules, decide,
};

fn effect() -> impl Strategy<Value = Effect> {
    prop::sample::select(vec![
        Effect::Read,
        Effect::Transient,
        Effect::Reversible,
        Effect::Irreversible,
        Effect::Egress,
    ])
}

fn label() -> impl Strategy<Value = Label> {
    (
        prop::sample::select(vec![
            Integrity::User,
            Integrity::System,
            Integrity::Untrusted,
        ]),
        prop::sample::select(vec![Confidentiality::Public, Confidentiality::Private]),
    )
        .prop_map(|(integrity, confidentiality)| Label {
            integrity,
            confidentiality,
        })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(Value::Number),
        "\\PC{0,12}|[*~/.]{0,3}".prop_map(Value::Text),
    ];
    leaf.prop_recursive(3, 40, 30, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..30).prop_map(Value::List),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4).prop_map(Value::Record),
        ]
    })
}

fn argument() -> impl Strategy<Value = ResolvedArgument> {
    let role = prop::sample::select(vec![Role::Critical, Role::Payload]);
    ("[a-z]{1,6}", value(), role, label()).prop_map(|(name, value, role, label)| ResolvedArgument {
        name,
        value,
        role,
        label,
    })
}

fn name() -> impl Strategy<Value = FunctionName> {
    prop::sample::select(vec!["files.trash", "files.copy", "mail.send", "power.lock"])
        .prop_map(|name| FunctionName::new(name).unwrap())
}

fn call() -> impl Strategy<Value = ResolvedCall> {
    (name(), effect(), prop::collection::vec(argument(), 0..4)).prop_map(
        |(function, effect, arguments)| ResolvedCall {
            function,
            effect,
            arguments,
        },
    )
}

fn rules() -> impl Strategy<Value = Rules> {
    let word = || prop::sample::select(vec!["confirm", "never", "allow"]);
    let functions = prop::collection::btree_map(name(), word(), 0..3);
    let domains = prop::collection::btree_map("files|mail|power", word(), 0..3);
    prop_oneof![
        1 => Just(Rules::deny_all()),
        5 => (functions, domains, 1usize..40).prop_map(|(functions, domains, bulk)| {
            let table = |name: &str, lines: BTreeMap<String, &str>| {
                let lines = lines.iter().map(|(name, word)| format!("{name:?} = {word:?}\n"));
                format!("[{name}]\n{}", lines.collect::<String>())
            };
            let functions = functions.into_iter().map(|(name, word)| (name.to_string(), word));
            let text = format!(
                "bulk = {bulk}\n{}{}",
                table("functions", functions.collect()),
                table("domains", domains)
            );
            Rules::parse(&text).unwrap()
        }),
    ]
}

/// How strict a decision is.
fn strictness(decision: &Decision) -> usize {
    match decision {
        Decision::Allow { .. } => 0,
        Decision::Confirm { .. } => 1,
        Decision::Deny { .. } => 2,
    }
}

fn reason(decision: &Decision) -> &'static str {
    match decision {
        Decision::Allow { reason } | Decision::Confirm { reason } | Decision::Deny { reason } => {
            reason
        }
    }
}

/// The effects that are more careful than `effect`. What cannot be undone and
/// what leaves the machine are two different harms: neither is above the other.
fn above(effect: Effect) -> Vec<Effect> {
    let harms = [Effect::Irreversible, Effect::Egress];
    match effect {
        Effect::Read => [&[Effect::Transient, Effect::Reversible][..], &harms].concat(),
        Effect::Transient => [&[Effect::Reversible][..], &harms].concat(),
        Effect::Reversible => harms.to_vec(),
        Effect::Irreversible | Effect::Egress => Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_more_careful_label_is_never_laxer(
        call in call(), rules in rules(), more in prop::collection::vec(label(), 4),
    ) {
        let mut careful = call.clone();
        for (argument, more) in careful.arguments.iter_mut().zip(more) {
            argument.label = argument.label.join(more);
        }
        prop_assert!(strictness(&decide(&careful, &rules)) >= strictness(&decide(&call, &rules)));
    }

    #[test]
    fn a_more_careful_effect_is_never_laxer(call in call(), rules in rules()) {
        let before = strictness(&decide(&call, &rules));
        for effect in above(call.effect) {
            let careful = ResolvedCall { effect, ..call.clone() };
            prop_assert!(strictness(&decide(&careful, &rules)) >= before, "{effect:?}");
        }
    }

    #[test]
    fn more_targets_are_never_laxer(call in call(), rules in rules(), more in argument()) {
        let mut longer = call.clone();
        longer.arguments.push(ResolvedArgument { role: Role::Critical, ..more });
        // An unknown target is the most careful one, so the first target may only loosen that.
        let unknown = reason(&decide(&call, &rules)) == "policy-egress-unknown";
        prop_assert!(
            unknown || strictness(&decide(&longer, &rules)) >= strictness(&decide(&call, &rules))
        );
    }

    #[test]
    fn every_decision_names_a_known_reason(call in call(), rules in rules()) {
        prop_assert!(REASONS.contains(&reason(&decide(&call, &rules))));
    }

    #[test]
    fn a_lasting_act_on_a_found_target_needs_a_word_of_the_person(
        call in call(), found in argument(), lasting in 0usize..3,
    ) {
        let label = Label { integrity: Integrity::Untrusted, ..found.label };
        let mut call = call;
        call.effect = above(Effect::Transient)[lasting];
        call.arguments.push(ResolvedArgument { role: Role::Critical, label, ..found });
        prop_assert!(strictness(&decide(&call, &Rules::default())) >= 1);
    }

    #[test]
    fn what_runs_is_what_was_asked_for(call in call(), rules in rules()) {
        let digest = Digest::of(&call);
        match PermittedCall::ask(call.clone(), &rules) {
            Permission::Permitted(permitted) => {
                prop_assert_eq!(strictness(&decide(&call, &rules)), 0);
                prop_assert_eq!(Digest::of(permitted.call()), digest);
            }
            Permission::NeedsConsent(asked, _) => {
                prop_assert_eq!(strictness(&decide(&call, &rules)), 1);
                let consent = Consent::given_to(Digest::of(&asked));
                let permitted = PermittedCall::consented(asked, consent, &rules).unwrap();
                prop_assert_eq!(Digest::of(permitted.call()), digest);
            }
            Permission::Denied(denied, _) => {
                prop_assert_eq!(strictness(&decide(&call, &rules)), 2);
                let consent = Consent::given_to(digest);
                let refused = PermittedCall::consented(denied, consent, &rules);
                prop_assert!(matches!(refused, Err(PermitError::Denied(_))));
            }
        }
    }

    #[test]
    fn a_program_does_nothing_without_a_word_of_the_person(call in call(), rules in rules()) {
        let own = PermittedCall::ask(call.clone(), &rules);
        let is_allowed =
            call.effect <= Effect::Reversible && rules.rule(&call.function) == Some(Rule::Allow);
        match PermittedCall::ask_for_program(call.clone(), &rules) {
            Permission::Permitted(_) => {
                prop_assert!(is_allowed);
                prop_assert!(matches!(own, Permission::Permitted(_)));
            }
            Permission::NeedsConsent(asked, reason) => {
                prop_assert!(REASONS.contains(&reason));
                prop_assert_eq!(Digest::of(&asked), Digest::of(&call));
                prop_assert!(!matches!(own, Permission::Denied(..)));
            }
            Permission::Denied(..) => prop_assert!(matches!(own, Permission::Denied(..))),
        }
    }

    #[test]
    fn a_consent_does_not_fit_another_call(one in call(), other in call(), rules in rules()) {
        prop_assume!(format!("{one:?}") != format!("{other:?}"));
        prop_assert_ne!(Digest::of(&one), Digest::of(&other));
        let consent = Consent::given_to(Digest::of(&one));
        prop_assert_eq!(
            PermittedCall::consented(other, consent, &rules),
            Err(PermitError::Changed)
        );
    }

    #[test]
    fn joining_labels_never_trusts_more(one in label(), other in label(), third in label()) {
        let joined = one.join(other);
        prop_assert!(joined.integrity >= one.integrity && joined.integrity >= other.integrity);
        prop_assert!(joined.confidentiality >= one.confidentiality);
        prop_assert_eq!(joined, other.join(one));
        prop_assert_eq!(joined.join(third), one.join(other.join(third)));
        prop_assert_eq!(one.join(one), one);
        prop_assert_eq!(one.join(Label::DATA), Label::DATA);
    }

    #[test]
    fn any_text_is_read_as_rules_or_refused_with_a_line(text in "\\PC{0,80}|(bulk|\\[functions\\]|\n|=| |\"|a\\.b|never|9){0,12}") {
        if let Err(error) = Rules::parse(&text) {
            prop_assert!(error.line >= 1 && error.line <= text.lines().count().max(1) + 1);
            prop_assert!(!error.reason.is_empty());
        }
    }
}
