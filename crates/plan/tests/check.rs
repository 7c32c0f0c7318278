//! The check, and what it hands to the kernel.

mod sample;

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use plan::{
    CheckedPlan, Checker, Effect, Language, Operand, Scope, StatementKind, Value, check, describe,
    describe_with_hints, escape_for_display, evaluate_data, explain, parse, parse_saved,
    parse_statement,
};

fn checked(text: &str) -> CheckedPlan {
    let plan = parse_saved(text).unwrap_or_else(|errors| panic!("{text}: {}", errors[0]));
    check(&plan, &sample::functions(), &sample::live())
        .unwrap_or_else(|errors| panic!("{text}: {}", errors[0]))
}

fn refused(text: &str, expected: Expect) {
    let plan = parse(text).unwrap_or_else(|errors| panic!("{text}: {}", errors[0]));
    let found = match check(&plan, &sample::functions(), &sample::live()) {
        Ok(_) => "accepted".to_owned(),
        Err(errors) => errors
            .iter()
            .map(|error| format!("{error}\n{}\n", error.problem.message(Language::Zh)))
            .collect(),
    };
    expected.assert_eq(&found);
}

/// The value of an argument of the last statement.
fn argument(text: &str, name: &str) -> Operand {
    let plan = checked(text);
    match plan
        .statements
        .last()
        .map(|statement| statement.kind.clone())
    {
        Some(StatementKind::Call(call)) => call.arguments[name].clone(),
        other => panic!("not a call: {other:?}"),
    }
}

fn constant(text: &str, name: &str) -> Value {
    match argument(text, name) {
        Operand::Value { value, .. } => value,
        other => panic!("not a constant: {other:?}"),
    }
}

struct Results(Vec<Value>, BTreeMap<String, Value>);

impl Scope for Results {
    fn result(&self, index: usize) -> Option<&Value> {
        self.0.get(index)
    }
    fn param(&self, name: &str) -> Option<&Value> {
        self.1.get(name)
    }
    fn now(&self) -> Option<&str> {
        Some("2026-11-23T22:00:00+08:00")
    }
}

fn file(name: &str, size: f64, modified: &str) -> Value {
    Value::record([
        ("path", format!("/home/{name}").into()),
        ("name", name.into()),
        ("size", size.into()),
        ("modified", modified.into()),
    ])
}

fn files() -> Results {
    Results(
        vec![Value::List(vec![
            file("a.txt", 5e6, "2026-11-23T10:00:00+08:00"),
            file("B.txt", 2e9, "2026-11-20T10:00:00Z"),
            Value::record([("path", "/home/c".into()), ("name", "c".into())]),
        ])],
        BTreeMap::new(),
    )
}

/// What the second line of `f = files.find()` computes.
fn computed(line: &str) -> Value {
    let plan = checked(&format!("f = files.find()\nx = {line}"));
    match &plan.statements[1].kind {
        StatementKind::Data(operation) => evaluate_data(operation, &files()).expect("a value"),
        other => panic!("not a data operation: {other:?}"),
    }
}

fn names(rows: &Value) -> Vec<String> {
    let rows = rows.as_list().expect("rows").iter();
    rows.filter_map(|row| Some(row.field("name")?.as_text()?.to_owned()))
        .collect()
}

#[test]
fn units_become_canonical_numbers() {
    assert_eq!(
        constant("files.find(min_size=100MB)", "min_size"),
        Value::Number(1e8)
    );
    assert_eq!(
        constant("files.find(min_size=2048)", "min_size"),
        Value::Number(2048.0)
    );
    assert_eq!(
        constant("timers.start(10min)", "length"),
        Value::Number(600.0)
    );
    assert_eq!(
        constant("timers.start(1.5h)", "length"),
        Value::Number(5400.0)
    );
    assert_eq!(
        constant("audio.set_volume(30%)", "level"),
        Value::Number(30.0)
    );
    assert_eq!(
        constant("audio.set_volume(30, device=\"hdmi\")", "device"),
        "HDMI".into()
    );
    assert_eq!(
        argument("files.zip(\"~/a\", to=\"~/b.zip\")", "paths").resolve(&files()),
        Ok(Value::List(vec!["~/a".into()]))
    );
}

#[test]
fn rows_stand_for_their_keys() {
    let row = argument("f = files.find()\nfiles.trash(f[1])", "path");
    assert_eq!(row.resolve(&files()), Ok("/home/B.txt".into()));
    let all = argument("f = files.find()\nfiles.zip(f, to=\"~/b.zip\")", "paths");
    assert_eq!(
        all.resolve(&files()),
        Ok(Value::List(vec![
            "/home/a.txt".into(),
            "/home/B.txt".into(),
            "/home/c".into()
        ]))
    );
    let first = argument("f = files.find()\ng = first(f)\nfiles.open(g)", "path");
    let Operand::Result { statement: 1, .. } = first else {
        panic!("{first:?}");
    };
    let beyond = argument("f = files.find()\nfiles.trash(f[7])", "path");
    let error = beyond.resolve(&files()).expect_err("no such row");
    assert_eq!(error.to_string(), "there is no row 7: only 3 were found");
}

#[test]
fn the_newest_of_a_name_counts_and_dependencies_are_known() {
    let plan = checked(
        "files = files.find()\nfiles = sort(files, \"size\")\ntable(files, [files.trash])\neach(files, files.move, to=\"~/x\")\n",
    );
    let dependencies: Vec<_> = plan
        .statements
        .iter()
        .map(|s| s.dependencies.clone())
        .collect();
    assert_eq!(dependencies, [vec![], vec![0], vec![1], vec![1]]);
    assert_eq!(plan.statements[3].effect(), Effect::Reversible);
    let StatementKind::Part(table) = &plan.statements[2].kind else {
        panic!("a table");
    };
    assert_eq!(table.columns.len(), 5);
    let row = file("a.txt", 1.0, "");
    let call = table.actions[0].call(&row).expect("a call");
    assert_eq!(
        call.arguments["path"].resolve(&files()),
        Ok("/home/a.txt".into())
    );
    assert_eq!(table.actions[0].call(&Value::Null), None);
}

#[test]
fn controls_know_what_they_set() {
    let plan = checked(
        "v = audio.volume()\nmeter(v)\nslider(\"V\", v.level, audio.set_volume)\ntoggle(\"M\", v, audio.set_mute)\nbutton(\"P\", media.pause)\nslider(\"B\", 5, screen.set_brightness)\n",
    );
    let part = |index: usize| match &plan.statements[index].kind {
        StatementKind::Part(part) => part.as_ref().clone(),
        other => panic!("{other:?}"),
    };
    let level = Results(
        vec![Value::record([
            ("level", 40.0.into()),
            ("muted", true.into()),
        ])],
        BTreeMap::new(),
    );
    assert_eq!(part(1).arguments["value"].resolve(&level), Ok(40.0.into()));
    assert_eq!(part(2).actions[0].argument, "level");
    assert_eq!(part(2).arguments["max"].resolve(&level), Ok(100.0.into()));
    assert_eq!(part(3).arguments["value"].resolve(&level), Ok(true.into()));
    assert_eq!(
        part(4).call.expect("a call").function.as_str(),
        "media.pause"
    );
    assert_eq!(part(5).arguments["min"].resolve(&level), Ok(1.0.into()));
}

#[test]
fn parameters_are_checked_and_resolved() {
    let plan = checked("param size: bytes = 1GB\nf = files.find(min_size=size)\n");
    assert_eq!(plan.params[0].default, Some(Value::Number(1e9)));
    let StatementKind::Call(call) = &plan.statements[0].kind else {
        panic!("a call");
    };
    let given = Results(Vec::new(), [("size".to_owned(), 7.0.into())].into());
    assert_eq!(call.arguments["min_size"].resolve(&given), Ok(7.0.into()));
}

#[test]
fn data_operations_compute() {
    assert_eq!(
        names(&computed("sort(f, \"size\")")),
        ["a.txt", "B.txt", "c"]
    );
    assert_eq!(
        names(&computed("sort(f, \"size\", desc=true)")),
        ["B.txt", "a.txt", "c"]
    );
    assert_eq!(
        names(&computed("sort(f, \"name\")")),
        ["a.txt", "B.txt", "c"]
    );
    assert_eq!(names(&computed("top(f, 1, by=\"size\")")), ["B.txt"]);
    assert_eq!(names(&computed("top(f, 2)")), ["a.txt", "B.txt"]);
    assert_eq!(
        names(&computed("filter(f, \"size\", \">\", 100MB)")),
        ["B.txt"]
    );
    assert_eq!(
        names(&computed("filter(f, \"size\", \"!=\", 5MB)")),
        ["B.txt", "c"]
    );
    assert_eq!(
        names(&computed("filter(f, \"name\", \"contains\", \"TXT\")")),
        ["a.txt", "B.txt"]
    );
    assert_eq!(
        names(&computed("filter(f, \"modified\", \">\", \"today\")")),
        ["a.txt"]
    );
    assert_eq!(
        names(&computed("filter(f, \"modified\", \"<\", \"2026-11-21\")")),
        ["B.txt"]
    );
    assert_eq!(computed("count(f)"), Value::Number(3.0));
    assert_eq!(computed("sum(f, \"size\")"), Value::Number(2_005_000_000.0));
    assert_eq!(computed("first(f)").field("name"), Some(&"a.txt".into()));
}

#[test]
fn data_operations_survive_any_rows() {
    let odd = [
        Value::Null,
        Value::Text("rows".into()),
        Value::List(vec![
            Value::Null,
            Value::Number(f64::NAN),
            Value::record([
                ("size", "big".into()),
                ("name", Value::Number(f64::INFINITY)),
            ]),
            Value::record([("size", Value::Number(f64::NAN))]),
            Value::record([("size", Value::List(vec![]))]),
        ]),
    ];
    let mut computed = 0;
    for line in [
        "sort(f, \"size\")",
        "sort(f, \"name\", desc=true)",
        "top(f, 1000, by=\"size\")",
        "count(f)",
        "filter(f, \"size\", \"<\", 1GB)",
        "filter(f, \"name\", \"contains\", \"a\")",
        "sum(f, \"size\")",
        "first(f)",
        "filter(f, \"modified\", \">\", \"last week\")",
    ] {
        let plan = checked(&format!("f = files.find()\nx = {line}"));
        let StatementKind::Data(operation) = &plan.statements[1].kind else {
            panic!("a data operation");
        };
        for rows in &odd {
            let scope = Results(vec![rows.clone()], BTreeMap::new());
            match evaluate_data(operation, &scope) {
                Ok(_) => computed += 1,
                Err(error) => assert!(matches!(rows, Value::Text(_)), "{error}"),
            }
        }
    }
    assert_eq!(computed, 18);
}

#[test]
fn a_repair_takes_the_index_of_the_failed_line() {
    let (functions, live) = (sample::functions(), sample::live());
    let mut checker = Checker::new(&functions, &live);
    let mut line = |text: &str| {
        let statement = parse_statement(text, 1)
            .expect("a line")
            .expect("a statement");
        checker
            .statement(&statement)
            .map(|statement| statement.index)
    };
    assert_eq!(line("f = files.find()"), Ok(0));
    assert!(line("files.trash(f)").is_err());
    assert_eq!(line("each(f, files.trash)"), Ok(1));
}

#[test]
fn errors_about_names_suggest() {
    refused(
        "audio.set_volum(30)",
        expect![[r#"
        line 1, column 1: `audio.set_volum`: no such function; did you mean audio.set_volume?
        “audio.set_volum”：没有这个函数；是否想写 audio.set_volume？
    "#]],
    );
    refused(
        "system.kill(3)\npaly()\nf = files.fnd()\nfiles.trash(f[0])\ntable(ff)",
        expect![[r#"
            line 1, column 1: `system.kill`: no such function
            “system.kill”：没有这个函数
            line 2, column 1: `paly`: no such function
            “paly”：没有这个函数
            line 3, column 5: `files.fnd`: no such function; did you mean files.find?
            “files.fnd”：没有这个函数；是否想写 files.find？
            line 5, column 7: nothing above is called `ff`
            上文没有名为“ff”的结果
        "#]],
    );
    refused(
        "f = files.find(foldr=\"~/a\")\ntable(f, [\"nam\"])",
        expect![[r#"
            line 1, column 16: `files.find` has no argument `foldr`; did you mean folder?
            files.find 没有参数 foldr；是否想写 folder？
        "#]],
    );
}

#[test]
fn errors_about_arguments_explain() {
    refused(
        "audio.set_volume()\naudio.set_volume(130)\naudio.set_volume(\"loud\")\naudio.set_volume(10MB)\naudio.set_volume(1, \"HDMI\", 3)\naudio.set_volume(1, level=2)\n",
        expect![[r#"
            line 1, column 1: `audio.set_volume` needs `level` (percent)
            audio.set_volume 缺少 level（percent）
            line 2, column 18: `level` of `audio.set_volume` is out of range: 130; it wants a percentage from 0 to 100
            audio.set_volume 的 level 超出范围：130；要 0 到 100 的百分比
            line 3, column 18: `level` of `audio.set_volume` wants a percentage from 0 to 100, not `"loud"`
            audio.set_volume 的 level 要 0 到 100 的百分比，不能是 "loud"
            line 4, column 18: `level` of `audio.set_volume` wants a percentage from 0 to 100, not `10MB`, which is a size such as 100MB
            audio.set_volume 的 level 要 0 到 100 的百分比，不能是 10MB（大小，例如 100MB）
            line 5, column 29: `audio.set_volume` takes at most 2 arguments without a name
            audio.set_volume 最多有 2 个不写名字的参数
            line 6, column 21: `level` of `audio.set_volume` is given twice
            audio.set_volume 的 level 写了两次
        "#]],
    );
    refused(
        "files.find(kind=\"vidio\")\naudio.set_volume(3, device=\"HDMX\")\ntimers.remind(\"2026-02-30\", \"x\")\nx = media.pause()\nfiles.trash(\"~/*.tmp\")\neach([\"~/*.tmp\"], files.trash)\n",
        expect![[r#"
            line 1, column 12: `kind` cannot be "vidio": it is one of image, video, audio, document, archive; did you mean video?
            kind 不能是“vidio”：只能是 image、video、audio、document、archive；是否想写 video？
            line 2, column 21: there is no "HDMX" now for `device`; did you mean HDMI?
            device：现在没有“HDMX”；是否想写 HDMI？
            line 3, column 15: `at` of `timers.remind` wants a time such as "18:30", "2026-03-01" or "tomorrow", not `"2026-02-30"`
            timers.remind 的 at 要时间，例如 "18:30"、"2026-03-01" 或 "tomorrow"，不能是 "2026-02-30"
            line 4, column 1: `media.pause` gives nothing back; write it without `x =`
            media.pause 没有结果；请去掉“x =”
            line 5, column 13: `files.trash` changes things, so `path` must name exactly one path, without * or ?; find the files first, then use each(…, files.trash)
            files.trash 会作改动，path 必须是确切的一个路径，不能有 * 或 ?；请先查找，再用 each(…, files.trash)
            line 6, column 6: `files.trash` changes things, so `path` must name exactly one path, without * or ?; find the files first, then use each(…, files.trash)
            files.trash 会作改动，path 必须是确切的一个路径，不能有 * 或 ?；请先查找，再用 each(…, files.trash)
        "#]],
    );
}

#[test]
fn errors_about_rows_show_the_way() {
    refused(
        "f = files.find()\nfiles.trash(f)\nfiles.trash([\"~/a\", \"~/b\"])\naudio.set_volume(f[0])\ntimers.start(f[0])\n",
        expect![[r#"
            line 2, column 13: `files.trash` takes one at a time; for all of them write each(f, files.trash)
            files.trash 一次只能处理一个；要处理全部请写 each(f, files.trash)
            line 3, column 13: `files.trash` takes one at a time; for all of them write each(["~/a", "~/b"], files.trash)
            files.trash 一次只能处理一个；要处理全部请写 each(["~/a", "~/b"], files.trash)
            line 4, column 18: `level` of `audio.set_volume` wants a percentage from 0 to 100, not `f[0]`, which is a record (path, name, size, modified, kind)
            audio.set_volume 的 level 要 0 到 100 的百分比，不能是 f[0]（一条记录（path、name、size、modified、kind））
            line 5, column 14: `length` of `timers.start` wants a time span such as 10min, not `f[0]`, which is a record (path, name, size, modified, kind)
            timers.start 的 length 要时长，例如 10min，不能是 f[0]（一条记录（path、name、size、modified、kind））
        "#]],
    );
    refused(
        "m = system.memory()\nsort(m, \"used\")\ntext(m[0].used)\n",
        expect![[r#"
            line 2, column 6: `sort` wants rows from a line above, not `m`
            sort 要上文查到的多行结果，不能是 m
            line 3, column 6: `m` is not a list; leave out the row number
            m 不是列表；请去掉行号
        "#]],
    );
    refused(
        "f = files.find()\ntable(f, actions=[files.move])\ntable(f, actions=[system.end_process])\nsum(f, \"name\")\nfilter(f, \"size\", \"contains\", 5)\nfiles.trash(files.find())\n",
        expect![[r#"
            line 2, column 10: `files.move` needs `to` too, so it cannot stand here alone
            files.move 还需要 to，不能单独用在这里
            line 3, column 10: `system.end_process` cannot take this row or value
            system.end_process 不能用在这一行或这个值上
            line 4, column 8: `field` of `sum` wants number field, not `"name"`
            sum 的 field 要 number field，不能是 "name"
            line 5, column 19: `size` cannot be compared with `contains`
            size 不能用 contains 比较
            line 6, column 13: a call cannot stand here; write `x = files.find(…)` on a line above, then `x`
            这里不能写调用；请先在上一行写 x = files.find(…)，再用 x
        "#]],
    );
}

#[test]
fn what_is_typed_fills_the_argument_that_is_needed() {
    let search: plan::Signature = serde_json::from_str(
        r#"{"name": "web.search", "summary": "Searches the web", "effect": "egress", "arguments": [
            {"name": "engine", "type": "text", "role": "critical"},
            {"name": "query", "type": "text", "role": "payload", "required": true}]}"#,
    )
    .expect("a signature");
    let plan = plan::parse("input(\"Look up\", web.search)\n").expect("a plan");
    let checked = plan::check(&plan, &vec![search], &plan::LiveNames::default());
    assert!(checked.is_ok(), "{checked:?}");
}

#[test]
fn long_hints_have_lines_of_their_own() {
    let signature = serde_json::from_str(
        r#"{"name": "trains.search", "summary": "Search trains", "effect": "read", "arguments": [
            {"name": "date", "type": "text", "required": true, "hint": "in the form YYYY-MM-DD"},
            {"name": "seats", "type": "int", "hint": "seats"}]}"#,
    )
    .expect("a signature");
    expect![[r#"
        trains.search(date: text, seats=seats)  # Search trains
          date: in the form YYYY-MM-DD"#]]
    .assert_eq(&describe_with_hints(&signature));
}

#[test]
fn signatures_are_described_in_a_line() {
    let described: Vec<String> = sample::functions().iter().take(9).map(describe).collect();
    expect![[r#"
        apps.open(app: app, file=file)  # Does apps.open
        apps.close(app: app)  # Does apps.close
        files.find(name=text, folder=folder, kind="image"|"video"|"audio"|"document"|"archive", min_size=bytes, after=time, limit=1..200) -> rows(path, name, size, modified, kind)  # Does files.find
        files.open(path: path)  # Does files.open
        files.trash(path: path)  # Does files.trash
        files.move(path: path, to: folder)  # Does files.move
        files.zip(paths: [path], to: path) -> file  # Does files.zip
        files.delete_forever(path: path)  # Does files.delete_forever
        system.processes(by="cpu"|"memory", limit=1..50) -> rows(pid, name, memory, cpu)  # Does system.processes"#]].assert_eq(&described.join("\n"));
}

#[test]
fn plans_are_explained_in_both_languages() {
    let plan = checked(
        "f = files.find(folder=\"~/a\u{202e}b\", min_size=1.5GB)\ns = filter(f, \"size\", \">\", 100MB)\ntable(s, [files.trash])\neach(s, files.move, to=\"~/x\")\ntimers.start(90s)\nbutton(\"Quiet\", audio.set_volume(10))\nsay(\"done\")\n",
    );
    let summary = |name: &plan::FunctionName| {
        (name.as_str() == "files.find").then(|| "Find files.".to_owned())
    };
    let lines: Vec<String> = [Language::En, Language::Zh]
        .into_iter()
        .flat_map(|language| explain(&plan, language, &summary))
        .collect();
    expect![[r#"
        Find files (files.find): folder “~/a⟨U+202E⟩b”, min_size 1.5 GB; call it `f`
        Keep of f those with size > 100 MB; call it `s`
        Show a table of s, which offers files.trash
        For each of s: Run files.move: to “~/x”
        Run timers.start: length 1 min 30 s
        Show the button “Quiet”; when pressed: Run audio.set_volume: level 10%
        Answer: “done”
        Find files（files.find）：folder 为 “~/a⟨U+202E⟩b”，min_size 为 1.5 GB；记作 f
        筛选 f 中 size > 100 MB 的项；记作 s
        显示表格 s，可执行 files.trash
        对 s 中的每一项：执行 files.move：to 为 “~/x”
        执行 timers.start：length 为 1 分钟 30 秒
        显示按钮 “Quiet”；按下时：执行 audio.set_volume：level 为 10%
        回答：“done”"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn invisible_characters_are_shown() {
    assert_eq!(
        escape_for_display("a\u{202e}b\u{200b}c\nd\u{7}é文"),
        "a⟨U+202E⟩b⟨U+200B⟩c⏎d⟨U+0007⟩é文"
    );
    assert_eq!(
        escape_for_display("⟨U+202E⟩⏎⇥"),
        "⟨U+27E8⟩U+202E⟩⟨U+23CE⟩⟨U+21E5⟩",
        "what only looks like an escape is none"
    );
}
