use std::path::Path;

use super::{Origin, Parsed, parse};

fn plugin(text: &str) -> Parsed {
    parse(text, Path::new("plugins/demo/plugin.toml"), Origin::Plugin)
}

const HEAD: &str = "[plugin]\nid = \"demo\"\nsummary = \"Demo\"\n\n";

#[test]
fn an_unknown_key_is_an_error_at_its_line() {
    let parsed = plugin(&format!(
        "{HEAD}[[function]]\nname = \"demo.a\"\nsumary = \"x\"\n"
    ));
    assert_eq!(parsed.functions.len(), 0);
    assert_eq!(parsed.errors[0].line, 7);
    assert!(
        parsed.errors[0].reason.contains("sumary"),
        "{:?}",
        parsed.errors
    );
}
