//! The plans in tables and manifests: examples and templates are plans that check.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use functions::{Function, Registry};
use plan::{LiveNames, PathKind, Type, check, parse};

fn registry() -> Registry {
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let (registry, errors) = Registry::load(&[&plugins], &[]);
    assert_eq!(errors, []);
    registry
}

/// Says what is wrong with a plan.
fn mistakes(registry: &Registry, text: &str) -> Vec<String> {
    let plan = match parse(text) {
        Ok(plan) => plan,
        Err(errors) => return vec![format!("{errors:?}")],
    };
    match check(&plan, registry, &LiveNames::default()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(|error| format!("{error:?}")).collect(),
    }
}

/// A literal of a type, for a slot.
fn sample(ty: &Type) -> String {
    match ty {
        Type::Bool => "true".to_owned(),
        Type::Int { min, .. } => min.unwrap_or(1).max(1).to_string(),
        Type::Number | Type::Percent => "30".to_owned(),
        Type::Bytes => "100MB".to_owned(),
        Type::Duration => "10min".to_owned(),
        Type::Time => "\"18:30\"".to_owned(),
        Type::Choice(words) => format!("\"{}\"", words[0]),
        Type::Path(PathKind::Folder) => "\"~/Downloads\"".to_owned(),
        Type::Path(_) => "\"~/a.txt\"".to_owned(),
        Type::List(item) => sample(item),
        _ => "\"words\"".to_owned(),
    }
}

fn filled(function: &Function, plan: &str) -> String {
    let mut filled = plan.to_owned();
    for argument in &function.signature.arguments {
        let literal = sample(&argument.ty);
        filled = filled.replace(&format!("\"{{{}}}\"", argument.name), &literal);
        filled = filled.replace(&format!("{{{}}}", argument.name), &literal);
    }
    filled
}

#[test]
fn every_example_is_a_plan_that_checks() {
    let registry = registry();
    let mut wrong = Vec::new();
    for function in registry.functions() {
        for example in &function.examples {
            for mistake in mistakes(&registry, &example.plan) {
                wrong.push(format!(
                    "{}: {}: {mistake}",
                    function.signature.name, example.request
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_template_fills_to_a_plan_that_checks() {
    let registry = registry();
    let mut wrong = Vec::new();
    for function in registry.functions() {
        for template in &function.templates {
            for mistake in mistakes(&registry, &filled(function, &template.plan)) {
                wrong.push(format!(
                    "{}: {}: {mistake}",
                    function.signature.name, template.pattern
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_builtin_function_has_examples_in_both_languages() {
    let registry = registry();
    for function in registry
        .functions()
        .filter(|function| function.plugin.is_empty())
    {
        let count = |language: &str| {
            function
                .examples
                .iter()
                .filter(|example| example.language == language)
                .count()
        };
        let name = &function.signature.name;
        assert!(
            count("en") >= 3 && count("zh") >= 2,
            "{name}: {} {}",
            count("en"),
            count("zh")
        );
        assert!(!function.templates.is_empty(), "{name} has no template");
    }
}
