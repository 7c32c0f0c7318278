//! Every plan in the documentation and the manifests parses, and the
//! documentation says what the code does.

use std::path::{Path, PathBuf};
use std::{env, fs};

use plan::{WORDS, parse_saved};

/// The checkout whose tests run: they may have been compiled in another one.
fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    Path::new(&package).join("../..")
}

/// Every file below `folder` whose name ends so; none when the folder is absent.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "node_modules" && name != "target" {
            files(&path, ending, found);
        } else if name.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

/// The blocks of a page that are fenced as plans.
fn plans(page: &str) -> Vec<String> {
    let mut plans = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "```plan" {
            let block: Vec<&str> = lines
                .by_ref()
                .take_while(|line| line.trim() != "```")
                .collect();
            plans.push(block.join("\n"));
        }
    }
    plans
}

fn assert_parses(text: &str, place: &Path) {
    if let Err(errors) = parse_saved(text) {
        panic!("{}: {}\n{text}", place.display(), errors[0]);
    }
}

#[test]
fn plans_in_the_documentation_parse() {
    let mut pages = vec![root().join("README.md")];
    files(&root().join("docs"), ".md", &mut pages);
    let mut count = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap_or_default();
        for plan in plans(&text) {
            assert_parses(&plan, &page);
            count += 1;
        }
    }
    assert!(
        count >= 5,
        "the documentation of the language alone has more than {count}"
    );
}

#[test]
fn plans_in_manifests_parse() {
    let mut manifests = Vec::new();
    files(&root().join("plugins"), "plugin.toml", &mut manifests);
    files(&root().join("crates"), ".toml", &mut manifests);
    for path in manifests {
        let text = fs::read_to_string(&path).expect("a readable manifest");
        let manifest: toml::Value = match toml::from_str(&text) {
            Ok(manifest) => manifest,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        // The slots of a sentence template stand for values.
        example_plans(&manifest, &mut |plan| {
            assert_parses(&fill_slots(plan), &path)
        });
    }
}

/// Writes `1` for each `{slot}`.
fn fill_slots(plan: &str) -> String {
    let mut filled = String::new();
    let mut rest = plan;
    while let Some((before, after)) = rest.split_once('{') {
        let (_, behind) = after.split_once('}').expect("a closed slot");
        filled.push_str(before);
        filled.push('1');
        rest = behind;
    }
    filled + rest
}

/// Visits every text under the key `plan`, wherever it stands.
fn example_plans(value: &toml::Value, visit: &mut dyn FnMut(&str)) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                match value {
                    toml::Value::String(text) if key == "plan" => visit(text),
                    value => example_plans(value, visit),
                }
            }
        }
        toml::Value::Array(items) => items.iter().for_each(|item| example_plans(item, visit)),
        _ => {}
    }
}

#[test]
fn the_table_of_words_is_the_code_s() {
    let page = fs::read_to_string(root().join("docs/plan-language.md")).expect("the page");
    let written: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    for word in WORDS {
        let arguments: Vec<String> = word
            .arguments
            .iter()
            .map(|argument| format!("{}: {}", argument.name, argument.takes.shown()))
            .collect();
        let row = format!(
            "| `{}` | {} | {} |",
            word.shown(),
            word.summary,
            arguments.join("; ")
        );
        assert!(
            written.contains(&row.as_str()),
            "docs/plan-language.md lacks\n{row}"
        );
    }
}

#[test]
fn the_limits_are_the_code_s() {
    let page = fs::read_to_string(root().join("docs/plan-language.md")).expect("the page");
    for (what, limit) in [
        ("statements of a plan", plan::MAX_STATEMENTS),
        ("statements of a saved plan", plan::MAX_SAVED_STATEMENTS),
        ("`param` lines", plan::MAX_PARAMS),
        ("characters of a line", plan::MAX_LINE),
        ("bytes of a plan", plan::MAX_TEXT),
        ("lists and calls inside each other", plan::MAX_DEPTH),
        ("arguments of a call, items of a list", plan::MAX_ITEMS),
        ("fields and row numbers behind a name", plan::MAX_STEPS),
        ("characters of a bound name", plan::MAX_NAME),
    ] {
        let row = format!("| {what} | {limit} |");
        assert!(
            page.lines().any(|line| line == row),
            "docs/plan-language.md lacks\n{row}"
        );
    }
}
