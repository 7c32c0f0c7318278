//! A small registry for the tests: every kind of type, output and effect.

#![allow(dead_code, reason = "each test file uses a part of it")]

use plan::{
    ArgumentSpec, Effect, Field, FunctionName, LiveNames, Output, Role, Signature, Type, Value,
};

fn ty(text: &str) -> Type {
    text.parse().expect("a type of the test")
}

fn fields(text: &str) -> Vec<Field> {
    text.split(", ")
        .map(|field| {
            let (name, written) = field.split_once(": ").expect("name: type");
            Field {
                name: name.to_owned(),
                ty: ty(written),
            }
        })
        .collect()
}

/// Builds a signature: `"level!: percent, device: live(audio.output)"`, `!` for required,
/// `~` for payload; the first field of rows and records is their key.
pub(crate) fn function(name: &str, arguments: &str, output: &str, effect: Effect) -> Signature {
    let arguments = arguments
        .split(", ")
        .filter(|text| !text.is_empty())
        .map(|text| {
            let (name, written) = text.split_once(": ").expect("name: type");
            ArgumentSpec {
                name: name.trim_end_matches(['!', '~']).to_owned(),
                ty: ty(written),
                role: if name.contains('~') {
                    Role::Payload
                } else {
                    Role::Critical
                },
                required: name.contains('!'),
                default: name.starts_with("limit").then_some(Value::Number(20.0)),
                hint: String::new(),
                ahead: false,
            }
        })
        .collect();
    let key = |fields: &[Field]| fields.first().map(|field| field.name.clone());
    let output = match output.split_once(' ') {
        None => Output::None,
        Some(("rows", list)) => {
            let fields = fields(list);
            Output::Rows {
                key: key(&fields),
                fields,
            }
        }
        Some(("record", list)) => {
            let fields = fields(list);
            Output::Record {
                key: key(&fields),
                fields,
            }
        }
        Some((_, written)) => Output::Value { ty: ty(written) },
    };
    Signature {
        name: FunctionName::new(name).expect("a function's name"),
        summary: format!("Does {name}"),
        arguments,
        output,
        effect,
    }
}

/// The functions of the tests.
pub(crate) fn functions() -> Vec<Signature> {
    use Effect::{Egress, Irreversible, Read, Reversible, Transient};
    vec![
        function("apps.open", "app!: app, file: file", "", Transient),
        function("apps.close", "app!: app", "", Irreversible),
        function(
            "files.find",
            "name: text(80), folder: folder, kind: choice(image|video|audio|document|archive), min_size: bytes, after: time, limit: int(1..200)",
            "rows path: file, name: text(200), size: bytes, modified: time, kind: choice(image|video|audio|document|archive)",
            Read,
        ),
        function("files.open", "path!: path", "", Transient),
        function("files.trash", "path!: path", "", Reversible),
        function("files.move", "path!: path, to!: folder", "", Reversible),
        function(
            "files.zip",
            "paths!: list(path), to!: path",
            "value file",
            Reversible,
        ),
        function("files.delete_forever", "path!: path", "", Irreversible),
        function(
            "system.processes",
            "by: choice(cpu|memory), limit: int(1..50)",
            "rows pid: int(1..), name: text(100), memory: bytes, cpu: percent",
            Read,
        ),
        function("system.end_process", "pid!: int(1..)", "", Irreversible),
        function(
            "system.memory",
            "",
            "record used: bytes, total: bytes, percent: percent",
            Read,
        ),
        function(
            "audio.volume",
            "",
            "record level: percent, muted: bool, device: live(audio.output)",
            Read,
        ),
        function(
            "audio.set_volume",
            "level!: percent, device: live(audio.output)",
            "",
            Reversible,
        ),
        function("audio.set_mute", "muted!: bool", "", Reversible),
        function("media.pause", "player: live(media.player)", "", Transient),
        function(
            "timers.start",
            "length!: duration, label~: text(80)",
            "",
            Reversible,
        ),
        function(
            "timers.remind",
            "at!: time, text!~: text(200)",
            "",
            Reversible,
        ),
        function(
            "calc.evaluate",
            "expression!: text(200)",
            "value number",
            Read,
        ),
        function("text.summarise", "path!: file", "value text(4000)", Read),
        function("notify.send", "text!~: text(300)", "", Transient),
        function(
            "mail.send",
            "to!: text(200), text!~: text(2000)",
            "",
            Egress,
        ),
        function("later.required", "name: text(20), to!: path", "", Transient),
        function(
            "screen.set_brightness",
            "level!: int(1..100)",
            "",
            Reversible,
        ),
    ]
}

/// The live names of the tests.
pub(crate) fn live() -> LiveNames {
    let names = |list: &[&str]| {
        list.iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    LiveNames {
        apps: names(&["Firefox", "Text Editor", "微信", "say \"hi\""]),
        sources: [
            (
                "audio.output".to_owned(),
                names(&["Built-in Audio", "HDMI"]),
            ),
            (
                "media.player".to_owned(),
                names(&["mpv", "<|im_end|>", "evil\u{202e}name", ""]),
            ),
        ]
        .into(),
    }
}

/// Plans that everything accepts: parser, check and grammar.
pub(crate) const CORPUS: &[&str] = &[
    "audio.set_volume(30)\nmedia.pause()\n",
    "audio.set_volume(level=30%)\n",
    "audio.set_volume(100, device=\"HDMI\")\n",
    "f = files.find(folder=\"~/Downloads\", min_size=100MB)\ntitle(\"Big downloads\")\ntable(f, [\"name\", \"size\"], [files.trash])\n",
    "f = files.find(kind=\"image\", name=\"*.png\", after=\"last week\")\ngallery(f)\n",
    "files.find(name=\"report\", limit=5)\n",
    "p = system.processes(by=\"memory\", limit=1)\nsystem.end_process(p[0])\n",
    "p = system.processes(limit=10)\nb = filter(p, \"memory\", \">\", 1.5GB)\ns = sort(b, \"cpu\", desc=true)\nt = top(s, 5, by=\"memory\")\nlist(t, [\"name\"], [system.end_process])\n",
    "f = files.find(min_size=1GB)\nn = count(f)\ns = sum(f, \"size\")\ntext(n)\ntext(s)\ntext(\"done\")\n",
    "f = files.find(after=\"2026-03-01\")\ng = first(f)\nfiles.open(g)\n",
    "f = files.find(kind=\"document\")\neach(f, files.trash)\n",
    "f = files.find(kind=\"document\")\neach(f, files.move, to=\"~/Documents\")\n",
    "f = files.find(kind=\"document\")\nz = files.zip(f, \"~/a.zip\")\n",
    "files.move(\"~/a.txt\", to=\"~/b\")\n",
    "files.move(path=\"~/a.txt\", to=\"~/b\")\n",
    "v = audio.volume()\ntitle(\"Sound\")\nmeter(v, label=\"Volume\", max=100)\nslider(\"Volume\", v.level, audio.set_volume)\ntoggle(\"Mute\", v.muted, audio.set_mute)\nbutton(\"Quiet\", audio.set_volume(10))\nmore(\"More\")\ninput(\"Note\", notify.send)\n",
    "m = system.memory()\nmeter(m.percent)\nmeter(m)\n",
    "f = files.find()\nsection(\"Sizes\")\nchart(f, kind=\"bar\", x=\"name\", y=\"size\")\n",
    "f = files.find(kind=\"image\")\nimage(f[0])\nimage(f[0].path)\n",
    "timers.start(10min, label=\"茶\")\ntimers.remind(\"tomorrow 18:30\", \"call mum\")\n",
    "r = calc.evaluate(\"2+2\")\ntext(r)\n",
    "r = text.summarise(\"~/a.txt\")\ntext(r)\n",
    "apps.open(\"微信\")\n",
    "apps.open(\"say \\\"hi\\\"\")\n",
    "media.pause(\"mpv\")\n",
    "timers.start(10min, \"tea\")\n",
    "files.find(\"report\", kind=\"document\")\n",
    "later.required(to=\"~/a\", name=\"x\")\n",
    "system.processes(limit=3, by=\"cpu\")\n",
    "system.processes(\"cpu\", limit=3)\n",
    "audio.set_volume(30, \"HDMI\")\n",
    "audio.set_volume(level=30, device=\"HDMI\")\n",
    "mail.send(\"a@b.c\", text=\"hello\")\n",
    "screen.set_brightness(100)\n",
    "say(\"No function fits.\")\n",
    "ask(\"Which one?\", [\"first\", \"second\"])\n",
    "ask(\"Which one?\")\n",
];
