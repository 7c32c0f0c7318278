//! The conversation, with a real PipeWire and with servers that tests play.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Instant;

use journal::{Check, Intent};
use plan::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixListener,
    task::JoinHandle,
};

use super::{connection::*, *};
use crate::{
    builtin::audio::pod,
    support::{Fixture, PATIENCE, with_pipewire},
};

/// What `wpctl` says about the output `id`.
async fn by_wpctl(fixture: &Fixture, id: &str) -> String {
    fixture.run("wpctl", &["get-volume", id]).await
}

/// The same in the words of `wpctl`.
fn worded(loudness: Loudness) -> String {
    let muted = if loudness.muted { " [MUTED]" } else { "" };
    format!("Volume: {:.2}{muted}\n", loudness.level / 100.0)
}

async fn default_output(fixture: &Fixture) -> Output {
    let answer = ask(&fixture.world).await.unwrap();
    let default = answer.default.unwrap();
    let mut outputs = answer.outputs.into_iter();
    let output = outputs.find(|output| output.device.name == default);
    output.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_program_did_is_seen_at_once() {
    let fixture = with_pipewire(&["Speakers", "Headphones"]).await;
    let default = default_output(&fixture).await.device;
    assert_eq!(
        (default.name.as_str(), default.description.as_str()),
        ("test-Speakers", "Speakers")
    );
    for (level, muted) in [
        (0, 0),
        (1, 1),
        (33, 1),
        (40, 0),
        (67, 0),
        (100, 1),
        (130, 0),
    ] {
        let (volume, muted) = (format!("{level}%"), muted.to_string());
        for arguments in [
            ["set-volume", &default.id, &volume],
            ["set-mute", &default.id, &muted],
        ] {
            fixture.run("wpctl", &arguments).await;
        }
        let loudness = default_output(&fixture).await.loudness.unwrap();
        let expected = by_wpctl(&fixture, &default.id).await;
        assert_eq!(worded(loudness), expected);
        assert_eq!(loudness.level, f64::from(level));
    }
    // The first channel counts.
    let unequal = "{ channelVolumes: [ 0.125, 1.0 ] }";
    fixture
        .run("pw-cli", &["set-param", &default.id, "Props", unequal])
        .await;
    let loudness = default_output(&fixture).await.loudness.unwrap();
    assert_eq!(worded(loudness), by_wpctl(&fixture, &default.id).await);
    assert_eq!(loudness.level, 50.0);

    let answer = ask(&fixture.world).await.unwrap();
    let mut outputs = answer.outputs.into_iter();
    let other = outputs.find(|output| output.device.name != default.name);
    let other = other.unwrap().device;
    fixture.run("wpctl", &["set-default", &other.id]).await;
    let until = Instant::now() + PATIENCE;
    while default_output(&fixture).await.device != other {
        assert!(Instant::now() < until, "the old one stays the default");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    fixture.run("pw-cli", &["destroy", &other.id]).await;
    while ask(&fixture.world).await.unwrap().outputs.len() > 1 {
        assert!(Instant::now() < until, "the removed one stays");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_an_ended_server_is_kept() {
    let mut fixture = Fixture::new().with_session_bus().await;
    assert!(ask(&fixture.world).await.is_none());
    let ids = fixture.start_pipewire(&["Speakers"]).await;
    let level = [("level", 30.0.into())];
    fixture.call("audio.set_volume", &level).await.unwrap();
    let loudness = default_output(&fixture).await.loudness.unwrap();
    assert_eq!((loudness.level, loudness.muted), (30.0, false));
    for id in ids {
        fixture.end(id).await;
    }
    assert!(ask(&fixture.world).await.is_none());
    assert!(fixture.intend("audio.mute", &[]).await.is_err());
    fixture.start_pipewire(&["Headphones"]).await;
    let output = default_output(&fixture).await;
    assert_eq!(output.device.name, "test-Headphones");
    let expected = by_wpctl(&fixture, &output.device.id).await;
    assert_eq!(worded(output.loudness.unwrap()), expected);
}

/// A value of an object, with what is not needed to ask.
enum Given<'a> {
    Plain(Field<'a>),
    Bool(bool),
    Floats(&'a [f32]),
    Object(&'a [(u32, Given<'a>)]),
}

fn bytes_of(kind: u32, mut body: Vec<u8>) -> Vec<u8> {
    let length = body.len() as u32;
    body.resize(body.len().next_multiple_of(8), 0);
    let head = [length, kind].map(u32::to_ne_bytes).concat();
    [head, body].concat()
}

impl Given<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Given::Plain(field) => pod::write(std::slice::from_ref(field))[8..].to_vec(),
            Given::Bool(holds) => bytes_of(2, u32::from(*holds).to_ne_bytes().to_vec()),
            Given::Floats(floats) => {
                let floats = floats.iter().flat_map(|float| float.to_ne_bytes());
                let head = [4u32, 6].map(u32::to_ne_bytes).concat();
                bytes_of(13, head.into_iter().chain(floats).collect())
            }
            Given::Object(properties) => {
                let mut body = [0u32; 2].map(u32::to_ne_bytes).concat();
                for (key, value) in *properties {
                    body.extend([*key, 0].map(u32::to_ne_bytes).concat());
                    body.extend(value.bytes());
                }
                bytes_of(15, body)
            }
        }
    }
}

/// A message that carries `fields`, and then values that cannot be asked with.
fn message(object: u32, opcode: u8, fields: &[Field], values: &[Given]) -> Vec<u8> {
    let mut body = pod::write(fields)[8..].to_vec();
    for value in values {
        body.extend(value.bytes());
    }
    let body = bytes_of(14, body);
    let second = u32::from(opcode) << 24 | body.len() as u32;
    let head = [object, second, 0, 0].map(u32::to_ne_bytes).concat();
    [head, body].concat()
}

/// The properties that follow a count.
fn dictionary<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<Field<'a>> {
    let texts = pairs.iter().flat_map(|(key, value)| [key, value]);
    let count = Field::Int(pairs.len() as u32);
    let texts = texts.map(|text| Field::Text(text));
    std::iter::once(count).chain(texts).collect()
}

fn global(id: u32, interface: &str, pairs: &[(&str, &str)]) -> Vec<u8> {
    let properties = dictionary(pairs);
    let fields = [
        Field::Int(id),
        Field::Int(0),
        Field::Text(interface),
        Field::Int(3),
        Field::Struct(&properties),
    ];
    message(REGISTRY, REGISTRY_GLOBAL, &fields, &[])
}

fn done(mark: u32) -> Vec<u8> {
    message(CORE, DONE, &[Field::Int(CORE), Field::Int(mark)], &[])
}

fn parameters(object: u32, which: u32, value: &[(u32, Given)]) -> Vec<u8> {
    let fields = [
        Field::Int(0),
        Field::Id(which),
        Field::Int(0),
        Field::Int(1),
    ];
    message(object, PARAM, &fields, &[Given::Object(value)])
}

/// Plays a server: answers each of the client's two questions with `answers`, in crumbs, and gives
/// what the client said after the second.
fn play(fixture: &Fixture, answers: [Vec<Vec<u8>>; 2]) -> JoinHandle<Vec<u8>> {
    let socket = fixture.path("run/pipewire-0");
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for answer in answers {
            // All that a question consists of is sent at once.
            let mut question = vec![0; 4096];
            let _ = stream.read(&mut question).await;
            for crumb in answer.concat().chunks(7) {
                // The client may have heard enough.
                let _ = stream.write_all(crumb).await;
                tokio::task::yield_now().await;
            }
        }
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        rest
    })
}

/// A card in a server, whose route is at another volume than its node.
fn card() -> [Vec<Vec<u8>>; 2] {
    card_at(0.064)
}

fn card_at(volume: f32) -> [Vec<Vec<u8>>; 2] {
    let objects = vec![
        global(
            50,
            "PipeWire:Interface:Device",
            &[("media.class", "Audio/Device")],
        ),
        global(
            51,
            "PipeWire:Interface:Node",
            &[("media.class", "Audio/Sink"), ("device.id", "50")],
        ),
        global(
            52,
            "PipeWire:Interface:Node",
            &[("media.class", "Audio/Source")],
        ),
        global(
            53,
            "PipeWire:Interface:Metadata",
            &[("metadata.name", "default")],
        ),
        // The mark is the number of messages before the question's last.
        done(3),
    ];
    let (device, node, defaults) = (FIRST_BOUND, FIRST_BOUND + 1, FIRST_BOUND + 2);
    let properties = dictionary(&[("node.name", "card"), ("card.profile.device", "4")]);
    let mut info = [const { Field::Int(0) }; 9];
    info[8] = Field::Struct(&properties);
    let route = |part: u32, volume: f32| {
        let props = [
            (PROPS_MUTE, Given::Bool(true)),
            (PROPS_CHANNEL_VOLUMES, Given::Floats(&[volume, 1.0])),
        ];
        let route = [
            (1, Given::Plain(Field::Int(9))),
            (ROUTE_DEVICE, Given::Plain(Field::Int(part))),
            (ROUTE_PROPS, Given::Object(&props)),
        ];
        parameters(device, ROUTE, &route)
    };
    let own = [
        (PROPS_CHANNEL_VOLUMES, Given::Floats(&[1.0])),
        (PROPS_MUTE, Given::Bool(false)),
    ];
    let default = [
        Field::Int(0),
        Field::Text("default.audio.sink"),
        Field::Text("Spa:String:JSON"),
        Field::Text("{\"name\":\"card\"}"),
    ];
    let details = vec![
        route(3, 0.001),
        route(4, volume),
        message(node, INFO, &info, &[]),
        parameters(node, PROPS, &own),
        message(CORE, PING, &[Field::Int(0), Field::Int(17)], &[]),
        message(defaults, METADATA_PROPERTY, &default, &[]),
        done(9),
    ];
    [objects, details]
}

#[tokio::test]
async fn a_card_is_as_loud_as_its_route() {
    let fixture = Fixture::new();
    let server = play(&fixture, card());
    let answer = ask(&fixture.world).await.unwrap();
    let rest = server.await.unwrap();
    assert_eq!(answer.default.as_deref(), Some("card"));
    let [output] = answer.outputs.as_slice() else {
        panic!("{answer:?}")
    };
    assert_eq!(output.device, Device::new(51, "card", "card"));
    let expected = Loudness {
        level: 40.0,
        muted: true,
    };
    assert_eq!(output.loudness, Some(expected));
    // The ping was answered with its own numbers.
    let opcode = pod::word(&rest, 4).unwrap() >> 24;
    let pong = Pod::read(&rest[16..]).unwrap();
    assert_eq!(opcode, u32::from(PONG));
    assert_eq!(pong.part(1).unwrap().number(), Some(17));
}

#[tokio::test]
async fn an_act_waits_for_no_program() {
    let fixture = Fixture::new();
    let before = |intent: Intent| match intent.before.as_slice() {
        [Check::Reads { value, .. }] => value.clone(),
        other => panic!("{other:?}"),
    };
    // No program finds this server, so what is read comes from the conversation.
    for function in ["audio.mute", "audio.unmute", "audio.toggle_mute"] {
        play(&fixture, card());
        let intent = fixture.intend(function, &[]).await.unwrap();
        assert_eq!(before(intent), Value::Bool(true), "{function}");
    }
    for (function, argument) in [
        ("audio.set_volume", "level"),
        ("audio.change_volume", "by"),
        ("audio.scale_volume", "percent"),
    ] {
        play(&fixture, card());
        let arguments = [(argument, 10.0.into()), ("output", "CARD".into())];
        let intent = fixture.intend(function, &arguments).await.unwrap();
        assert_eq!(before(intent), Value::Number(40.0), "{function}");
    }
}

#[tokio::test]
async fn without_its_route_the_node_counts() {
    let fixture = Fixture::new();
    let [objects, mut details] = card();
    details.remove(1);
    play(&fixture, [objects, details]);
    let answer = ask(&fixture.world).await;
    let expected = Loudness {
        level: 100.0,
        muted: false,
    };
    assert_eq!(answer.unwrap().outputs[0].loudness, Some(expected));
}

#[tokio::test]
async fn of_a_route_that_cannot_be_read_no_other_volume_is_taken() {
    let fixture = Fixture::new();
    play(&fixture, card_at(f32::NAN));
    let answer = ask(&fixture.world).await.unwrap();
    assert_eq!(answer.outputs[0].loudness, None);
}

#[tokio::test]
async fn no_answer_is_made_up() {
    let fixture = Fixture::new();
    let nonsense = vec![vec![0xff; 4096]];
    let [objects, _] = card();
    let error = message(CORE, ERROR, &[Field::Int(0)], &[]);
    let silence = [Vec::new(), Vec::new()];
    for answers in [[nonsense, Vec::new()], [objects, vec![error]], silence] {
        play(&fixture, answers);
        let answer = ask(&fixture.world).await;
        assert!(answer.is_none(), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_asked_is_read_by_wpctl() {
    let fixture = with_pipewire(&["Speakers"]).await;
    let level = [("level", 30.0.into())];
    fixture.call("audio.set_volume", &level).await.unwrap();
    let [socket, aside] = ["run/pipewire-0", "run/aside"].map(|name| fixture.path(name));
    std::fs::rename(&socket, &aside).unwrap();
    let listener = UnixListener::bind(&socket).unwrap();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        std::fs::rename(&aside, &socket).unwrap();
        drop(stream);
    });
    let intent = fixture.intend("audio.set_volume", &level).await.unwrap();
    server.await.unwrap();
    let [Check::Reads { value, .. }] = intent.before.as_slice() else {
        panic!("{intent:?}")
    };
    assert_eq!(*value, Value::Number(30.0));
}
