use super::Registry;

#[test]
fn every_builtin_table_loads() {
    let (registry, errors) = Registry::load(&[]);
    assert_eq!(errors, []);
    assert!(
        registry
            .functions()
            .any(|f| f.signature.name.as_str() == "calc.evaluate")
    );
}

#[test]
fn every_first_party_manifest_loads() {
    let plugins = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let (registry, errors) = Registry::load(&[&plugins]);
    assert_eq!(errors, []);
    for name in ["media.pause", "power.battery", "notify.send"] {
        let name = plan::FunctionName::new(name).unwrap();
        assert!(registry.function(&name).is_some(), "{name}");
    }
}

#[test]
fn described_functions_are_known_and_never_loaded() {
    let signature: plan::Signature =
        serde_json::from_str(r#"{"name": "tool.mean", "summary": "Mean", "effect": "read"}"#)
            .expect("a signature");
    let registry = Registry::of_signatures([signature.clone()]);
    let function = registry.function(&signature.name).expect("it is known");
    assert_eq!(function.signature, signature);
    assert!(registry.loaded.functions.is_empty());
}
