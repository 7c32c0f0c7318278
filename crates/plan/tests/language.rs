//! The parser and the printer.

mod sample;

use expect_test::{Expect, expect};
use plan::{
    Argument, Call, Expression, FunctionName, Head, Language, Literal, Param, Plan, Reference,
    Span, Statement, Step, Type, Unit, parse, parse_saved, parse_statement,
};
use proptest::prelude::*;

fn errors(text: &str, expected: Expect) {
    let found = match parse(text) {
        Ok(plan) => format!("parsed: {plan}"),
        Err(errors) => errors
            .iter()
            .map(|error| format!("{error}\n{}\n", error.message(Language::Zh)))
            .collect(),
    };
    expected.assert_eq(&found);
}

fn prints(text: &str, expected: &str) {
    let plan = parse(text).unwrap_or_else(|errors| panic!("{text}: {}", errors[0]));
    assert_eq!(plan.to_string(), expected);
}

#[test]
fn blank_lines_comments_and_spacing_do_not_matter() {
    prints(
        "\n# a comment\n  f=files.find( folder = \"~/a # b\",)  # why\r\n\ntable(f,[\"name\"])",
        "f = files.find(folder=\"~/a # b\")\ntable(f, [\"name\"])\n",
    );
}

#[test]
fn literals_take_one_form() {
    prints(
        "a.b(100mb, 1.50h, 30%, -2, True, None, \"q\\\"\\\\\\n\\u{202e}\", [1, [2]])",
        "a.b(100MB, 1.5h, 30%, -2, true, none, \"q\\\"\\\\\\n\\u{202e}\", [1, [2]])\n",
    );
}

#[test]
fn fields_of_bound_names_are_references_and_other_dots_are_functions() {
    let plan = parse("p = a.b()\nc.d(p.x, p[0].x, q.x, c.d(p.x))").expect("a plan");
    let arguments = &plan.statements[1].call.arguments;
    assert!(matches!(&arguments[0].value, Expression::Reference(_)));
    assert!(matches!(&arguments[1].value, Expression::Reference(_)));
    assert!(matches!(&arguments[2].value, Expression::Function(_)));
    let Expression::Call(call) = &arguments[3].value else {
        panic!("a call");
    };
    assert!(matches!(&call.arguments[0].value, Expression::Reference(_)));
}

#[test]
fn a_line_parses_alone_while_a_plan_is_written() {
    assert_eq!(parse_statement("  # nothing", 3), Ok(None));
    let statement = parse_statement("title(\"x\")", 3)
        .expect("a line")
        .expect("a statement");
    assert_eq!(statement.span.line, 3);
    let error = parse_statement("title(\"x\"", 7).expect_err("unclosed");
    assert_eq!((error.span.line, error.span.column), (7, 10));
}

#[test]
fn saved_plans_have_parameters() {
    let text = "param folder: folder = \"~/Downloads\"\nparam kind: choice(a|b=c#d) = \"a\" # why\nparam n: int(0..10)\nf = files.find(folder=folder)\n";
    let plan = parse_saved(text).unwrap_or_else(|errors| panic!("{}", errors[0]));
    assert_eq!(plan.params.len(), 3);
    assert_eq!(plan.params[1].ty.to_string(), "choice(a|b=c#d)");
    assert_eq!(parse_saved(&plan.to_string()), Ok(plan));
    let late = "title(\"x\")\nparam a: int\nparam b: what\n";
    let found = parse_saved(late).expect_err("late");
    assert!(
        found[0].to_string().contains("before the first statement"),
        "{}",
        found[0]
    );
    assert!(
        found[1].to_string().contains("`what` is not a type"),
        "{}",
        found[1]
    );
}

#[test]
fn errors_point_and_explain() {
    errors(
        "audio.set_volume(30\nx = 5\nf(“a”)\ntitle('a')\na.b(10m)\n",
        expect![[r#"
            line 1, column 20: expected `,` or `)`, found the end of the line
            第 1 行第 20 列：这里应当是“,”或“)”，却是行尾
            line 2, column 5: expected a call such as `audio.set_volume(30)`, found `5`
            第 2 行第 5 列：这里应当是一个调用，例如 audio.set_volume(30)，却是“5”
            line 3, column 3: `“` has no meaning here; texts stand in " quotes
            第 3 行第 3 列：““”在这里没有意义；文字要用英文双引号 "
            line 4, column 7: `'` has no meaning here; texts stand in " quotes
            第 4 行第 7 列：“'”在这里没有意义；文字要用英文双引号 "
            line 5, column 7: `m` is not a unit (there are % B KB MB GB TB s min h d); did you mean min?
            第 5 行第 7 列：没有“m”这个单位（可用 % B KB MB GB TB s min h d）；是否想写 min？
        "#]],
    );
    errors(
        "",
        expect![[r#"
            line 1, column 1: the plan has no statements
            第 1 行第 1 列：计划里没有语句
        "#]],
    );
    errors(
        "Audio.Set(1)\nTrue = a.b()\na.b(x=1, 2)\na.b(\"\\q\")\na.b(p[x])\na.b(1) c",
        expect![[r#"
            line 1, column 1: `Audio.Set` is not a function name; write `domain.verb` in lower case
            第 1 行第 1 列：“Audio.Set”不是函数名；请用小写的“领域.动作”
            line 2, column 1: `True` cannot be a name; use lower-case letters, digits and _
            第 2 行第 1 列：“True”不能作名字；请用小写字母、数字和 _
            line 3, column 10: an argument without a name cannot stand behind one with a name
            第 3 行第 10 列：没有名字的参数不能放在有名字的参数之后
            line 4, column 6: `\q` is no escape; there are \" \\ \n \t \r and \u{1f600}
            第 4 行第 6 列：没有“\q”这种转义；可用 \" \\ \n \t \r 和 \u{1f600}
            line 5, column 7: expected a row number from 0, found `x`
            第 5 行第 7 列：这里应当是从 0 开始的行号，却是“x”
            line 6, column 8: expected the end of the line, found `c`
            第 6 行第 8 列：这里应当是行尾，却是“c”
        "#]],
    );
}

#[test]
fn limits_are_errors() {
    let limits = [
        ("media.pause()\n".repeat(13), "at most 12 statements"),
        (
            format!("title(\"{}\")", "a".repeat(5000)),
            "at most 4000 characters",
        ),
        (
            format!("a.b({}1{})", "[".repeat(9), "]".repeat(9)),
            "at most 4 lists",
        ),
        (format!("a.b({}1", "1, ".repeat(99)), "at most 64 arguments"),
        ("# x\n".repeat(100_000), "at most 262144 bytes"),
        ("param a: int\ntitle(\"x\")".to_owned(), "only a saved plan"),
    ];
    for (text, wanted) in limits {
        let errors = parse(&text).expect_err(wanted);
        assert!(errors[0].to_string().contains(wanted), "{}", errors[0]);
    }
    let deep_type = format!(
        "param x: {}int{}\n",
        "list(".repeat(50_000),
        ")".repeat(50_000)
    );
    assert!(parse_saved(&deep_type).is_err());
    let deep_type = format!("param x: {}int{}\n", "list(".repeat(500), ")".repeat(500));
    assert!(parse_saved(&deep_type).is_err());
    assert!(parse_saved(&"media.pause()\n".repeat(60)).is_ok());
    assert!(parse_saved(&"media.pause()\n".repeat(61)).is_err());
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,5}".prop_filter("a constant's name", |name| plan::is_bindable(name))
}

/// Functions whose domain is never the name of a result.
fn function() -> impl Strategy<Value = FunctionName> {
    "zz[a-z]{1,4}(\\.[a-z][a-z0-9_]{0,5}){1,2}"
        .prop_map(|text| FunctionName::new(text).expect("a function's name"))
}

fn literal() -> impl Strategy<Value = Literal> {
    let unit = prop::option::of(prop::sample::select(vec![
        Unit::Percent,
        Unit::Byte,
        Unit::Kilobyte,
        Unit::Megabyte,
        Unit::Gigabyte,
        Unit::Terabyte,
        Unit::Second,
        Unit::Minute,
        Unit::Hour,
        Unit::Day,
    ]));
    prop_oneof![
        any::<String>().prop_map(Literal::Text),
        (-1e18..1e18, unit).prop_map(|(value, unit)| Literal::Number { value, unit }),
        any::<i32>().prop_map(|value| Literal::Number {
            value: f64::from(value),
            unit: None
        }),
        any::<bool>().prop_map(Literal::Bool),
        Just(Literal::None),
    ]
}

/// A reference to one of three names, which the plans below bind in their first lines.
fn reference() -> impl Strategy<Value = Expression> {
    let step = prop_oneof![
        "[a-zA-Z_][a-zA-Z0-9_]{0,6}".prop_map(Step::Field),
        (0usize..100).prop_map(Step::Index),
    ];
    (
        prop::sample::select(vec!["ra", "rb", "rc"]),
        prop::collection::vec(step, 0..4),
    )
        .prop_map(|(name, steps)| {
            Expression::Reference(Reference {
                name: name.to_owned(),
                steps,
                span: Span::default(),
            })
        })
}

fn simple() -> impl Strategy<Value = Expression> {
    prop_oneof![
        literal().prop_map(Expression::Literal),
        reference(),
        function().prop_map(Expression::Function),
    ]
}

fn call(value: impl Strategy<Value = Expression> + Clone) -> impl Strategy<Value = Call> {
    let head = prop_oneof![
        function().prop_map(Head::Function),
        name().prop_map(Head::Word),
    ];
    let positional = prop::collection::vec(value.clone(), 0..4);
    let named = prop::collection::vec(("[a-zA-Z_][a-z0-9_]{0,6}", value), 0..3);
    (head, positional, named).prop_map(|(head, positional, named)| {
        let span = Span::default();
        let positional = positional.into_iter().map(|value| (None, value));
        let named = named.into_iter().map(|(name, value)| (Some(name), value));
        let arguments = positional
            .chain(named)
            .map(|(name, value)| Argument { name, value, span })
            .collect();
        Call {
            head,
            arguments,
            span,
        }
    })
}

fn expression() -> impl Strategy<Value = Expression> + Clone {
    let list = prop::collection::vec(simple(), 0..4).prop_map(Expression::List);
    let inner = call(simple().boxed()).prop_map(|call| Expression::Call(Box::new(call)));
    prop_oneof![4 => simple(), 1 => list, 1 => inner].boxed()
}

fn some_plan() -> impl Strategy<Value = Plan> {
    let bound = |name: &str| Statement {
        name: Some(name.to_owned()),
        call: Call {
            head: Head::Word("first".to_owned()),
            arguments: Vec::new(),
            span: Span::default(),
        },
        span: Span::default(),
    };
    let statement =
        (prop::option::of(name()), call(expression())).prop_map(|(name, call)| Statement {
            name,
            call,
            span: Span::default(),
        });
    let param = (
        literal(),
        prop::sample::select(vec!["int(0..9)", "text(20)", "choice(a|b)"]),
    );
    let params = prop::collection::vec(param, 0..3);
    (params, prop::collection::vec(statement, 0..9)).prop_map(move |(params, statements)| {
        let params = params.into_iter().enumerate();
        Plan {
            params: params
                .map(|(index, (default, ty))| Param {
                    name: format!("param{index}"),
                    ty: ty.parse::<Type>().expect("a type"),
                    default: Some(default),
                    span: Span::default(),
                })
                .collect(),
            statements: ["ra", "rb", "rc"]
                .map(bound)
                .into_iter()
                .chain(statements)
                .collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_parses_to_the_same(plan in some_plan()) {
        let text = plan.to_string();
        let parsed = parse_saved(&text);
        prop_assert!(parsed.is_ok(), "{text}\n{parsed:?}");
        prop_assert_eq!(parsed.expect("checked above"), plan, "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = parse_saved(&text);
        let _ = parse_statement(&text, 1);
    }

    #[test]
    fn no_text_like_a_plan_makes_parser_or_check_panic(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = pieces.concat();
        if let Ok(plan) = parse_saved(&text) {
            let checked = plan::check(&plan, &sample::functions(), &sample::live());
            if let Err(errors) = checked {
                for error in errors {
                    prop_assert!(!error.problem.message(Language::En).is_empty());
                    prop_assert!(!error.problem.message(Language::Zh).is_empty());
                }
            }
        }
        let characters: Vec<char> = sample::CORPUS.concat().chars().collect();
        let at = cut.index(characters.len());
        let half: String = characters[..at].iter().collect();
        let _ = parse_saved(&half);
    }
}

const PIECES: &[&str] = &[
    "\n",
    "\n",
    "\n",
    " ",
    "f = ",
    "p = ",
    "param x: int\n",
    "files.find(",
    "files.trash(",
    "each(",
    "table(",
    "filter(",
    "first(",
    "sum(",
    "top(",
    "sort(",
    "slider(",
    "button(",
    "say(",
    "ask(",
    "meter(",
    "text(",
    "system.processes(",
    "audio.set_volume(",
    ")",
    ")",
    ")",
    "f",
    "p",
    "f[0]",
    "p[0].pid",
    ".name",
    "\"size\"",
    "\"name\"",
    "\">\"",
    "100MB",
    "30%",
    "5",
    "-1",
    "1e",
    "true",
    "none",
    ", ",
    ", ",
    "=",
    "[",
    "]",
    "files.trash",
    "level=",
    "\"~/*\"",
    "\"",
    "\\",
    "#",
    "(",
    "文",
    "\u{202e}",
    "\t",
    "\r",
    "\0",
];
