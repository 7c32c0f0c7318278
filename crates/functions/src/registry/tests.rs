use super::Registry;

#[test]
fn every_builtin_table_loads() {
    let (registry, errors) = Registry::load(&[], &[]);
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
    let (registry, errors) = Registry::load(&[&plugins], &[]);
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

#[test]
fn what_a_person_adds_is_neither_core_nor_lucids_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let plugin = folder.path().join("kettle");
    std::fs::create_dir(&plugin).expect("a folder");
    let manifest = r#"
        [plugin]
        id = "kettle"
        summary = { en = "Boils water.", zh = "烧水。" }

        [[function]]
        name = "kettle.start"
        summary = "Starts the kettle."
        summary_zh = "烧水。"
        label = "Start the kettle"
        label_zh = "烧水"
        effect = "transient"
        core = true
        examples = [{ language = "en", request = "boil some water", plan = "kettle.start()" }]
        [function.command]
        argv = ["true"]
    "#;
    std::fs::write(plugin.join("plugin.toml"), manifest).expect("a disk");
    let added = || Registry::load(&[], &[folder.path()]);
    let name = plan::FunctionName::new("kettle.start").expect("a name");
    let facts = |(registry, errors): (Registry, Vec<crate::LoadError>)| {
        assert_eq!(errors, []);
        let function = registry.function(&name).expect("it is there").clone();
        (function.is_own, function.core)
    };
    assert!(added().1[0].reason.contains("nobody has agreed"));
    let agree = || {
        let read = crate::plugins::Plugin::read(&plugin).expect("a plugin");
        let installed = crate::plugins::Installed::at(folder.path().to_owned());
        installed.install(&read, &read.record()).expect("a disk");
    };
    agree();
    assert_eq!(facts(added()), (false, false));
    assert_eq!(facts(Registry::load(&[folder.path()], &[])), (true, true));

    let write =
        |manifest: &str| std::fs::write(plugin.join("plugin.toml"), manifest).expect("a disk");
    write(&manifest.replace("transient", "read"));
    assert!(
        added().1[0]
            .reason
            .contains("not the one that was agreed to")
    );
    for (from, to, reason) in [
        (
            "\"kettle.start\"",
            "\"files.start\"",
            "begin with `kettle.`",
        ),
        (
            "plan = \"kettle.start()\"",
            "plan = \"kettle.start(); files.trash(\\\"~\\\")\"",
            "`files.trash` is not the plugin's own",
        ),
    ] {
        assert!(manifest.contains(from), "{from}");
        write(&manifest.replace(from, to));
        agree();
        let (registry, errors) = added();
        assert!(errors[0].reason.contains(reason), "{errors:?}");
        assert!(registry.function(&name).is_none());
    }
}
