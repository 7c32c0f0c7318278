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
