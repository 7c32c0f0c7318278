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
