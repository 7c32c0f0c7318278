mod reference;
pub(super) mod schema;

use std::path::Path;

use proptest::prelude::*;

use super::{Origin, Parsed, parse};

const HEAD: &str = "[plugin]\nid = \"demo\"\nsummary = \"Demo\"\n";

/// A function on lines 4 to 17, for changing one line of it at a time.
const FUNCTION: &str = r#"[[function]]
name = "demo.set"
summary = "Sets it."
summary_zh = "设置。"
label = "Set"
label_zh = "设置"
effect = "transient"
arguments = [{ name = "level", type = "percent", required = true }]
templates = [{ language = "en", pattern = "set [it] to {level}", plan = "demo.set({level})" }]
[function.dbus]
bus = "session"
name = "org.example.Demo"
path = "/org/example/Demo"
interface = "org.example.Demo"
set = "Level"
arguments = [{ type = "d", from = "level", scale = 0.01 }]
"#;

fn plugin(text: &str) -> Parsed {
    parse(text, Path::new("plugins/demo/plugin.toml"), Origin::Plugin)
}

fn manifest() -> String {
    format!("{HEAD}{FUNCTION}")
}

#[test]
fn the_manifest_that_the_others_are_made_of_is_right() {
    let parsed = plugin(&manifest());
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.functions.len(), 1);
    assert_eq!(parsed.functions[0].1, 4);
}

/// Replaces `from` and expects one error at `line` that says `reason`.
#[track_caller]
fn wrong(from: &str, to: &str, line: usize, reason: &str) {
    let text = manifest();
    assert!(text.contains(from), "{from}");
    let parsed = plugin(&text.replacen(from, to, 1));
    assert!(parsed.functions.is_empty(), "{to} was accepted");
    let error = &parsed.errors[0];
    assert!(error.reason.contains(reason), "{to}: {}", error.reason);
    assert_eq!(error.line, line, "{to}: {}", error.reason);
}

#[test]
fn what_toml_and_types_refuse_is_told_at_its_line() {
    wrong("summary = \"Sets", "sumary = \"Sets", 6, "sumary");
    wrong(
        "effect = \"transient\"",
        "effect = \"harmless\"",
        10,
        "harmless",
    );
    wrong(
        "type = \"percent\"",
        "type = \"per cent\"",
        11,
        "`per cent` is not a type",
    );
    wrong(
        "name = \"demo.set\"",
        "name = \"Demo Set\"",
        5,
        "write `domain.verb`",
    );
    wrong(
        "summary = \"Demo\"",
        "summary = { en = \"Demo\" }",
        3,
        "one in each language",
    );
    wrong("bus = \"session\"", "bus = \"sessions\"", 14, "sessions");
    wrong("label = \"Set\"", "label = ", 8, "");
}

#[test]
fn what_makes_no_sense_is_told_where_it_stands() {
    wrong(
        "summary = \"Sets it.\"",
        "summary = \"\"",
        6,
        "`summary` has 0 characters",
    );
    wrong("label = \"Set\"", "label = \"Set\\nit\"", 8, "line break");
    wrong(
        "required = true",
        "required = true, default = 5",
        11,
        "drop one of them",
    );
    let effect = "effect = \"transient\"";
    for (key, line, reason) in [
        ("when_said = [\"Set\"]", 11, "in small letters"),
        ("when_said = [\"\"]", 11, "must be a word"),
        ("before_another = \"demo.set(\"", 11, "is no plan"),
    ] {
        wrong(effect, &format!("{effect}\n{key}"), line, reason);
    }
    wrong(
        "required = true",
        "required = true, said.loud = [\"loud\"]",
        11,
        "needs an argument that is a choice",
    );
    wrong(
        "type = \"percent\", required = true",
        "type = \"choice(a|b)\", default = \"a\", said.c = [\"sea\"]",
        11,
        "is no choice",
    );
    wrong(
        "required = true",
        "default = 500",
        11,
        "not of type `percent`",
    );
    wrong(
        "pattern = \"set [it]",
        "pattern = \"set [it",
        12,
        "is missing in",
    );
    wrong(
        "to {level}\"",
        "to {amount}\"",
        12,
        "`{amount}` is not an argument",
    );
    wrong(
        "demo.set({level})",
        "demo.set({other})",
        12,
        "its pattern has not",
    );
    wrong(
        "language = \"en\"",
        "language = \"de\"",
        12,
        "write `en` or `zh`",
    );
    wrong(
        "name = \"org.example.Demo\"",
        "name = \"demo\"",
        15,
        "not a bus name",
    );
    wrong(
        "path = \"/org/example/Demo\"",
        "path = \"org\"",
        16,
        "not an object path",
    );
    wrong(
        "set = \"Level\"",
        "get = \"Level\"",
        18,
        "the effect is `read`",
    );
    wrong(
        "set = \"Level\"",
        "set = \"Level\"\nmethod = \"Set\"",
        19,
        "exactly one of `method`",
    );
    wrong(
        "from = \"level\"",
        "from = \"volume\"",
        19,
        "not an argument",
    );
    wrong(
        "type = \"d\"",
        "type = \"dd\"",
        19,
        "not one complete D-Bus type",
    );
    wrong("type = \"d\"", "type = \"h\"", 19, "file descriptors");
    wrong("type = \"d\"", "type = \"{\"", 19, "not a D-Bus type");
    wrong(
        "from = \"level\"",
        "value = \"x\"",
        19,
        "cannot be sent as `d`",
    );
    wrong(
        "effect = \"transient\"",
        "effect = \"reversible\"",
        10,
        "needs an `inverse`",
    );
    wrong(
        "[function.dbus]",
        "builtin = true\n[function.dbus]",
        13,
        "inside Lucid",
    );
    wrong(
        "name = \"org.example.Demo\"",
        "name = \"org.freedesktop.secrets\"",
        15,
        "never called",
    );
    wrong(
        "= \"org.example.Demo\"\nset",
        "= \"org.freedesktop.Secret.Item\"\nset",
        17,
        "never called",
    );
}

#[test]
fn commands_have_no_shell_and_no_program_from_an_argument() {
    let behaviour = FUNCTION.find("[function.dbus]").unwrap();
    let with = |argv: &str| {
        let head = &FUNCTION[..behaviour];
        plugin(&format!("{HEAD}{head}[function.command]\nargv = {argv}\n"))
    };
    assert_eq!(with(r#"["demo", "--level={level}"]"#).errors, []);
    for argv in [
        r#"["python3", "demo.py", "-c", "{level}"]"#,
        r#"["python3", "-I", "demo.py", "{level}"]"#,
        r#"["awk", "-f", "demo.awk", "{level}"]"#,
        r#"["git", "-C", "/srv/demo", "status"]"#,
    ] {
        assert_eq!(with(argv).errors, [], "{argv}");
    }
    // Another name of a shell.
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("demo");
    std::os::unix::fs::symlink("/bin/sh", &link).unwrap();
    let told = with(&format!(
        "[{:?}, \"-c\", \"x\"]",
        link.display().to_string()
    ))
    .errors;
    assert!(told[0].reason.contains("runs other programs"), "{told:?}");
    for (argv, reason) in [
        ("[]", "`argv` is empty"),
        (r#"["{level}"]"#, "cannot come from an argument"),
        (
            r#"["/bin/sh", "-c", "demo {level}"]"#,
            "name the program itself",
        ),
        (r#"["sudo", "demo"]"#, "name the program itself"),
        (r#"["demo", "{volume}"]"#, "not an argument"),
        (r#"["xargs", "demo"]"#, "name the program itself"),
        (r#"["/usr/bin/busctl", "--user", "call"]"#, "never called"),
        (r#"["secret-tool", "lookup"]"#, "never called"),
        (
            r#"["python3", "-c", "print({level})"]"#,
            "stands in an argument",
        ),
        (r#"["node", "--eval=1"]"#, "stands in an argument"),
        (r#"["python3", "-Ic", "print(1)"]"#, "stands in an argument"),
        (
            r#"["git", "-c", "alias.x=!id", "x"]"#,
            "stands in an argument",
        ),
        (r#"["perl", "-ne", "print"]"#, "stands in an argument"),
        (r#"["python3", "{level}"]"#, "stands in an argument"),
        (r#"["awk", "{ print }"]"#, "stands in an argument"),
        (r#"["awk"]"#, "stands in an argument"),
    ] {
        let parsed = with(argv);
        assert!(
            parsed.errors[0].reason.contains(reason),
            "{argv}: {:?}",
            parsed.errors
        );
    }
}

#[test]
fn mistakes_of_further_runs_are_told_where_they_stand() {
    let behaviour = FUNCTION.find("[function.dbus]").unwrap();
    let head = &FUNCTION[..behaviour];
    for (run, reason) in [
        (r#"["demo.py", "{volume}"]"#, "not an argument"),
        (r#"["-c", "print(1)"]"#, "stands in an argument"),
    ] {
        let text = format!(
            "{HEAD}{head}[function.command]\nargv = [\"python3\", \"demo.py\"]\nthen = [\n[\"demo.py\"],\n{run},\n]\n"
        );
        let error = &plugin(&text).errors[0];
        assert!(error.reason.contains(reason), "{error}");
        assert_eq!(
            text.lines()
                .nth(error.line - 1)
                .unwrap()
                .trim_end_matches(','),
            run,
            "{error}"
        );
    }
}

#[test]
fn mistakes_of_a_server_and_of_live_names_are_told_where_they_stand() {
    let server = "[mcp]\nargv = [\"demo\"]\nmemory = 1\n";
    let live = "[[live]]\nsource = \"demo.it\"\nbus = \"session\"\nname = \"org.example.*\"\n\
                path = \"nowhere\"\ninterface = \"org.example.Demo\"\nproperty = \"Name\"\n";
    for (text, line, reason) in [(server, 6, "megabytes"), (live, 8, "not an object path")] {
        let error = &plugin(&format!("{HEAD}{text}")).errors[0];
        assert!(error.reason.contains(reason), "{error}");
        assert_eq!(error.line, line, "{error}");
    }
}

#[test]
fn a_plugin_is_named_like_its_folder() {
    let text = manifest().replace("id = \"demo\"", "id = \"other\"");
    assert!(plugin(&text).errors[0].reason.contains("the folder's name"));
    assert!(
        plugin(FUNCTION).errors[0]
            .reason
            .contains("`[plugin]` table")
    );
}

#[test]
fn one_wrong_function_does_not_cost_the_others() {
    let other = FUNCTION
        .replace("demo.set", "demo.other")
        .replace("\"/org/example/Demo\"", "\"nowhere\"");
    let parsed = plugin(&format!("{HEAD}{FUNCTION}{other}"));
    assert_eq!(parsed.functions.len(), 1);
    assert_eq!(parsed.errors.len(), 1);
    assert_eq!(parsed.errors[0].line, 32);
}

#[test]
fn every_manifest_in_the_docs_is_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/plugins.md");
    let docs = std::fs::read_to_string(path).unwrap();
    let blocks: Vec<&str> = docs
        .split("\n```toml\n")
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap())
        .collect();
    assert_eq!(blocks.len(), 7);
    for block in blocks {
        let id = match block.split_once("id = \"") {
            Some((_, rest)) if block.starts_with("[plugin]") => rest.split('"').next().unwrap(),
            _ => "demo",
        };
        let head = if block.starts_with("[plugin]") {
            ""
        } else {
            HEAD
        };
        let path = format!("plugins/{id}/plugin.toml");
        let parsed = parse(
            &format!("{head}{block}\n"),
            Path::new(&path),
            Origin::Plugin,
        );
        assert_eq!(parsed.errors, [], "{block}");
        assert!(!parsed.functions.is_empty() || !parsed.signals.is_empty());
    }
}

/// Pieces that manifests are made of, so that random texts come near to real ones.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "[plugin]\n",
            "[[function]]\n",
            "[[live]]\n",
            "[function.dbus]\n",
            "name = ",
            "type = ",
            "\"demo.a\"",
            "\"s\"",
            "\"a{sv}\"",
            "\"((((\"",
            "{ ",
            " }",
            "[",
            "]",
            ", ",
            " = ",
            "\n",
            "templates",
            "pattern = \"[({a|b})]\"",
            "value = 1e999",
            "true",
            "\u{202e}",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,8}",
        "\\PC{0,4}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn no_text_makes_it_panic(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let lines = text.lines().count() + 1;
        for error in plugin(&text).errors {
            prop_assert!((1..=lines).contains(&error.line), "{error}");
        }
    }

    #[test]
    fn no_change_to_a_manifest_makes_it_panic(
        at in 0usize..1000,
        length in 0usize..60,
        insert in piece(),
    ) {
        let text: Vec<char> = manifest().chars().collect();
        let at = at % text.len();
        let end = (at + length).min(text.len());
        let changed: String =
            text[..at].iter().copied().chain(insert.chars()).chain(text[end..].iter().copied()).collect();
        let parsed = plugin(&changed);
        prop_assert!(parsed.functions.len() <= 1);
    }

    #[test]
    fn no_signature_and_value_make_a_constant_panic(signature in "[ybnqiuxtdsogvah(){}]{1,12}", number in any::<f64>()) {
        let text = manifest()
            .replace("type = \"d\"", &format!("type = \"{signature}\""))
            .replace("from = \"level\"", &format!("value = {number:?}"));
        let parsed = plugin(&text);
        prop_assert!(parsed.functions.len() + parsed.errors.len() >= 1);
    }
}

#[test]
fn an_object_is_chosen_by_a_source_of_objects_alone() {
    let objects = FUNCTION
        .replace("path = ", "objects = ")
        .replace("interface = ", "choose = \"level\"\ninterface = ");
    // Whether the source has objects is seen when all sources are known.
    assert_eq!(plugin(&format!("{HEAD}{objects}")).errors, []);
    wrong(
        "path = \"/org/example/Demo\"",
        "path = \"/org/example/Demo\"\nobjects = \"/\"",
        16,
        "exactly one of `path` and `objects`",
    );
    wrong(
        "name = \"org.example.Demo\"\npath",
        "name = \"org.example.*\"\nobjects",
        16,
        "cannot end in `.*`",
    );
}

#[test]
fn a_signal_is_checked_like_a_call() {
    const SIGNAL: &str = r#"[[signal]]
name = "demo.changed"
summary = "It is another one."
bus = "session"
sender = "org.example.Demo"
path = "/org/example/Demo"
interface = "org.example.Demo"
property = "Level"
output = { kind = "value", type = "percent" }
"#;
    let mistakes = |from: &str, to: &str| {
        assert!(SIGNAL.contains(from), "{from}");
        let text = format!("{HEAD}{}", SIGNAL.replace(from, to));
        let path = Path::new("/plugins/demo/plugin.toml");
        let parsed = parse(&text, path, Origin::Plugin);
        let errors = parsed.errors.iter();
        errors.map(|error| error.reason.clone()).collect::<String>()
    };
    assert_eq!(mistakes("Level", "Volume"), "");
    for (from, to, reason) in [
        ("demo.changed", "other.changed", "begins with `demo.`"),
        (
            "org.example.Demo\"\npath",
            "no name\"\npath",
            "is not a bus name",
        ),
        ("/org/example/Demo", "org/example", "is not an object path"),
        (
            "property = \"Level\"\n",
            "",
            "exactly one of `signal` and `property`",
        ),
        ("property", "signal = \"Level\"\nproperty", "exactly one of"),
        (
            "\"value\", type = \"percent\"",
            "\"rows\"",
            "nothing, a value or a record",
        ),
        (
            "property",
            "fields = { a = {} }\nproperty",
            "has no such field",
        ),
        (
            "org.example.Demo\"\npath",
            "org.freedesktop.secrets\"\npath",
            "never",
        ),
        ("Level", "", "is not a property's name"),
    ] {
        let told = mistakes(from, to);
        assert!(told.contains(reason), "{to}: {told}");
    }
}
