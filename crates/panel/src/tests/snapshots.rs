//! Plans and the messages that they become.

use expect_test::expect;
use plan::Value;

use super::{Fixture, files, written};

#[test]
fn a_table_comes_as_a_skeleton_first() {
    let mut fixture = Fixture::new(
        "f = files.find(folder=\"~/Downloads\")\ntitle(\"Big downloads\")\ntable(f, [\"name\", \"size\"], [files.trash])",
    );
    expect![[r#"
        createSurface {"surfaceId":"t1","catalogId":"lucid:v1"}
        component {"id":"root","component":"Column","children":["s1","s2"]}
        component {"id":"s1","component":"Title","text":"Big downloads"}
        component {"id":"s2","component":"Table","columns":[{"key":"name","label":"Name","type":"text"},{"key":"size","label":"Size","type":"bytes"}],"rows":{"path":"/s2/rows"},"total":{"path":"/s2/total"},"offset":{"path":"/s2/offset"},"actions":[{"verb":"files.trash","label":"Trash","effect":"reversible"}]}
    "#]].assert_eq(&written(&fixture.draw()));
    let mut fixture = fixture.gives(0, files(&["a.txt", "\u{202e}b.txt"]));
    expect![[r#"
        updateDataModel {"surfaceId":"t1","path":"/s2","value":{"rows":[{"name":"a.txt","size":1500,"ref":"r1"},{"name":"⟨U+202E⟩b.txt","size":1500,"ref":"r2"}],"total":2,"offset":0}}
    "#]].assert_eq(&written(&fixture.draw()));
    assert_eq!(fixture.draw(), [], "nothing is new");
}

#[test]
fn a_plan_without_parts_shows_its_queries() {
    let mut fixture = Fixture::new("files.find(folder=\"~\")\nsystem.memory()")
        .gives(0, files(&["a.txt"]))
        .gives(
            1,
            Value::record([
                ("percent", 42.5.into()),
                ("used", 4e9.into()),
                ("total", 1.6e10.into()),
            ]),
        );
    expect![[r#"
        createSurface {"surfaceId":"t1","catalogId":"lucid:v1"}
        component {"id":"root","component":"Column","children":["s0-a","s1-a"]}
        component {"id":"s0-a","component":"Section","title":"Find","children":["s0"]}
        component {"id":"s0","component":"Table","columns":[{"key":"path","label":"Path","type":"path"},{"key":"size","label":"Size","type":"bytes"},{"key":"modified","label":"Modified","type":"time"}],"rows":{"path":"/s0/rows"},"total":{"path":"/s0/total"},"offset":{"path":"/s0/offset"},"actions":[{"verb":"files.open","label":"Open","effect":"transient"},{"verb":"files.trash","label":"Trash","effect":"reversible"}]}
        component {"id":"s1-a","component":"Section","title":"Memory","children":["s1-b","s1"]}
        component {"id":"s1-b","component":"Meter","value":{"path":"/s1-b/value"},"max":100,"type":"percent","label":"Memory"}
        component {"id":"s1","component":"KeyValue","rows":{"path":"/s1/rows"},"actions":[]}
        updateDataModel {"surfaceId":"t1","path":"/s0","value":{"rows":[{"path":"/home/ada/a.txt","size":1500,"modified":"2026-03-01T18:30:00Z","ref":"r1"}],"total":1,"offset":0}}
        updateDataModel {"surfaceId":"t1","path":"/s1-b","value":{"value":42.5}}
        updateDataModel {"surfaceId":"t1","path":"/s1","value":{"rows":[{"key":"used","label":"Used","value":4000000000,"type":"bytes"},{"key":"total","label":"Total","value":16000000000,"type":"bytes"}]}}
    "#]].assert_eq(&written(&fixture.draw()));
}

#[test]
fn one_query_needs_no_section() {
    let mut fixture = Fixture::new("f = files.find(folder=\"~\")\ncount(f)")
        .gives(0, files(&["a"]))
        .gives(1, 1.0.into());
    expect![[r#"
        createSurface {"surfaceId":"t1","catalogId":"lucid:v1"}
        component {"id":"root","component":"Column","children":["s1"]}
        component {"id":"s1","component":"Text","value":{"path":"/s1/value"},"type":"number","found":false,"label":"Count"}
        updateDataModel {"surfaceId":"t1","path":"/s1","value":{"value":1}}
    "#]].assert_eq(&written(&fixture.draw()));
    let mut fixture =
        Fixture::new("text.summarise(path=\"~/a.txt\")").gives(0, "Two\nlines".into());
    expect![[r#"
        createSurface {"surfaceId":"t1","catalogId":"lucid:v1"}
        component {"id":"root","component":"Column","children":["s0"]}
        component {"id":"s0","component":"Text","value":{"path":"/s0/value"},"type":"text","found":true,"label":"Summarise"}
        updateDataModel {"surfaceId":"t1","path":"/s0","value":{"value":"Two\nlines"}}
    "#]].assert_eq(&written(&fixture.draw()));
}

#[test]
fn an_act_that_uses_a_query_draws_nothing() {
    let mut fixture = Fixture::new("p = system.processes()\nsystem.kill(p[0])");
    expect![""].assert_eq(&written(&fixture.draw()));
}

#[test]
fn controls_show_the_present_state() {
    let mut fixture = Fixture::new(
        "v = audio.volume()\nsection(\"Sound\")\nmeter(v)\nslider(\"Volume\", v.level, audio.set_volume)\ntoggle(\"Mute\", v.muted, audio.set_muted)\nbutton(\"Half\", audio.set_volume(50))\ninput(\"Tell\", notify.send)",
    )
    .gives(0, Value::record([("level", 30.0.into()), ("muted", true.into())]));
    expect![[r#"
        createSurface {"surfaceId":"t1","catalogId":"lucid:v1"}
        component {"id":"root","component":"Column","children":["s1"]}
        component {"id":"s1","component":"Section","title":"Sound","children":["s2","s3","s4","s5","s6"]}
        component {"id":"s2","component":"Meter","value":{"path":"/s2/value"},"max":100,"type":"percent","label":"Level"}
        component {"id":"s3","component":"Slider","label":"Volume","value":{"path":"/s3/value"},"min":0,"max":100,"step":1,"type":"percent","effect":"reversible"}
        component {"id":"s4","component":"Toggle","label":"Mute","value":{"path":"/s4/value"},"effect":"reversible"}
        component {"id":"s5","component":"Button","label":"Half","effect":"reversible"}
        component {"id":"s6","component":"Input","label":"Tell","value":{"path":"/s6/value"},"type":"text","effect":"transient","maxLength":200}
        updateDataModel {"surfaceId":"t1","path":"/s2","value":{"value":30}}
        updateDataModel {"surfaceId":"t1","path":"/s3","value":{"value":30}}
        updateDataModel {"surfaceId":"t1","path":"/s4","value":{"value":true}}
        updateDataModel {"surfaceId":"t1","path":"/s6","value":{"value":""}}
    "#]].assert_eq(&written(&fixture.draw()));
}

#[test]
fn charts_lists_and_galleries() {
    let processes = Value::List(vec![
        Value::record([
            ("pid", 7.0.into()),
            ("name", "mpv".into()),
            ("cpu", 3.5.into()),
            ("memory", 1e6.into()),
        ]),
        Value::record([
            ("pid", 8.0.into()),
            ("name", "sway".into()),
            ("cpu", f64::NAN.into()),
            ("memory", 2e6.into()),
        ]),
    ]);
    let mut fixture = Fixture::new(
        "p = system.processes()\nf = files.find(folder=\"~\")\nchart(p, y=\"memory\")\nlist(p, [\"name\", \"cpu\"], [system.kill])\ngallery(f)",
    )
    .gives(0, processes)
    .gives(1, files(&["a b.png"]));
    expect![[r#"
        createSurface {"surfaceId":"t1","catalogId":"lucid:v1"}
        component {"id":"root","component":"Column","children":["s2","s3","s4"]}
        component {"id":"s2","component":"Chart","kind":"bar","x":{"key":"name","label":"Name","type":"text"},"series":[{"key":"memory","label":"Memory","type":"bytes"}],"points":{"path":"/s2/points"}}
        component {"id":"s3","component":"List","items":{"path":"/s3/rows"},"total":{"path":"/s3/total"},"offset":{"path":"/s3/offset"},"type":"text","actions":[{"verb":"system.kill","label":"Kill","effect":"irreversible"}],"detailType":"percent"}
        component {"id":"s4","component":"Gallery","items":{"path":"/s4/rows"},"total":{"path":"/s4/total"},"offset":{"path":"/s4/offset"},"actions":[]}
        updateDataModel {"surfaceId":"t1","path":"/s2","value":{"points":[{"name":"mpv","memory":1000000},{"name":"sway","memory":2000000}]}}
        updateDataModel {"surfaceId":"t1","path":"/s3","value":{"rows":[{"value":"mpv","detail":3.5,"ref":"r1"},{"value":"sway","detail":null,"ref":"r2"}],"total":2,"offset":0}}
        updateDataModel {"surfaceId":"t1","path":"/s4","value":{"rows":[{"image":"file:///home/ada/a%20b.png","label":"a b.png"}],"total":1,"offset":0}}
    "#]].assert_eq(&written(&fixture.draw()));
}

#[test]
fn what_failed_or_found_nothing_stands_in_its_own_place() {
    let mut fixture = Fixture::new(
        "f = files.find(folder=\"~\")\nm = system.memory()\np = system.processes()\ntable(f)\nmeter(m)\nx = first(p)\ntext(x.name)",
    )
    .gives(0, Value::List(Vec::new()))
    .fails(1)
    .gives(2, Value::List(Vec::new()))
    .gives(5, Value::Null);
    expect![[r#"
        createSurface {"surfaceId":"t1","catalogId":"lucid:v1"}
        component {"id":"root","component":"Column","children":["s3","s4","s6"]}
        component {"id":"s3","component":"Empty","text":"Nothing was found."}
        component {"id":"s4","component":"Error","text":"This is missing, because a step before it did not succeed."}
        component {"id":"s6","component":"Empty","text":"Nothing was found."}
    "#]].assert_eq(&written(&fixture.draw()));
}

#[test]
fn a_fold_holds_back_what_follows_until_it_is_opened() {
    let mut fixture = Fixture::new(
        "title(\"One\")\nmore(\"The rest\")\ntext(\"hidden\")\nsection(\"Two\")\ntext(\"shown\")",
    );
    expect![[r#"
        createSurface {"surfaceId":"t1","catalogId":"lucid:v1"}
        component {"id":"root","component":"Column","children":["s0","s1","s3"]}
        component {"id":"s0","component":"Title","text":"One"}
        component {"id":"s1","component":"More","label":"The rest"}
        component {"id":"s3","component":"Section","title":"Two","children":["s4"]}
        component {"id":"s4","component":"Text","value":{"path":"/s4/value"},"type":"text","found":false}
        updateDataModel {"surfaceId":"t1","path":"/s4","value":{"value":"shown"}}
    "#]].assert_eq(&written(&fixture.draw()));
    let pressed = fixture
        .panel
        .resolve(&super::press("s1", "more", None, "1"))
        .unwrap();
    let crate::Pressed::Redrawn(messages) = pressed else {
        panic!("{pressed:?}");
    };
    expect![[r#"
        component {"id":"s1","component":"Column","children":["s2"]}
        component {"id":"s2","component":"Text","value":{"path":"/s2/value"},"type":"text","found":false}
        updateDataModel {"surfaceId":"t1","path":"/s2","value":{"value":"hidden"}}
    "#]].assert_eq(&written(&messages));
}
