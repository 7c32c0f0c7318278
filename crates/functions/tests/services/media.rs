//! MPRIS, on a real mpv.

use std::time::Duration;

use functions::Listening;
use plan::Value;

use crate::support::{Fixture, write_silence};

async fn with_mpv() -> Fixture {
    let mut fixture = Fixture::new().with_session_bus().await;
    let files: Vec<String> = ["one.wav", "two.wav", "three ü.wav"]
        .into_iter()
        .map(|name| {
            let path = fixture.home().join(name);
            write_silence(&path, 60);
            path.to_string_lossy().into_owned()
        })
        .collect();
    start_mpv(&mut fixture, &[&files[0], &files[1]]).await;
    fixture
}

async fn start_mpv(fixture: &mut Fixture, arguments: &[&str]) {
    let always = [
        "--no-config",
        "--idle",
        "--no-video",
        "--ao=null",
        "--really-quiet",
        "--script=/usr/lib/mpv-mpris/mpris.so",
    ];
    fixture.start("mpv", &[&always, arguments].concat());
    fixture.wait_for_name("org.mpris.MediaPlayer2.mpv").await;
    fixture
        .wait_for_value("media.status", "state", is("playing"))
        .await;
}

fn is(text: &'static str) -> impl Fn(&Value) -> bool {
    move |value| value.as_text() == Some(text)
}

async fn volume(fixture: &Fixture) -> f64 {
    fixture.read("media.volume").await.as_number().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn playback_is_controlled() {
    let fixture = with_mpv().await;
    let outcome = fixture.call("media.pause", &[]).await.unwrap();
    assert_eq!(outcome.note, "Paused.");
    fixture
        .wait_for_value("media.status", "state", is("paused"))
        .await;
    fixture
        .call("media.play", &[("player", "mpv".into())])
        .await
        .unwrap();
    fixture
        .wait_for_value("media.status", "state", is("playing"))
        .await;
    fixture.call("media.toggle", &[]).await.unwrap();
    fixture
        .wait_for_value("media.status", "state", is("paused"))
        .await;

    fixture.call("media.next", &[]).await.unwrap();
    fixture
        .wait_for_value("media.status", "title", is("two.wav"))
        .await;
    fixture.call("media.previous", &[]).await.unwrap();
    fixture
        .wait_for_value("media.status", "title", is("one.wav"))
        .await;
    fixture
        .wait_for_value("media.status", "length", |v| v.as_number() == Some(60.0))
        .await;

    fixture
        .call("media.forward", &[("by", 30.0.into())])
        .await
        .unwrap();
    let near = |at: f64| move |v: &Value| v.as_number().is_some_and(|n| (n - at).abs() < 3.0);
    fixture
        .wait_for_value("media.status", "position", near(30.0))
        .await;
    fixture
        .call("media.rewind", &[("by", 20.0.into())])
        .await
        .unwrap();
    fixture
        .wait_for_value("media.status", "position", near(10.0))
        .await;

    fixture
        .call("media.open", &[("file", "~/three ü.wav".into())])
        .await
        .unwrap();
    fixture
        .wait_for_value("media.status", "title", is("three ü.wav"))
        .await;
    fixture.call("media.stop", &[]).await.unwrap();
    fixture
        .wait_for_value("media.status", "state", is("stopped"))
        .await;

    let error = fixture
        .call("media.open", &[("file", "~/none.wav".into())])
        .await
        .unwrap_err();
    assert_eq!(error.problem.sentence, "There is no ~/none.wav.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn volume_is_undone_unless_it_was_changed_since() {
    let fixture = with_mpv().await;
    let before = volume(&fixture).await;
    let outcome = fixture
        .call("media.set_volume", &[("level", 40.0.into())])
        .await
        .unwrap();
    assert_eq!(volume(&fixture).await, 40.0);
    fixture.undo(&outcome).await.unwrap();
    assert_eq!(volume(&fixture).await, before);

    let outcome = fixture
        .call("media.set_volume", &[("level", 40.0.into())])
        .await
        .unwrap();
    fixture
        .call("media.set_volume", &[("level", 70.0.into())])
        .await
        .unwrap();
    let refusal = fixture.undo(&outcome).await.unwrap_err();
    assert_eq!(refusal, "media.volume now gives 70 instead of 40.");
    assert_eq!(volume(&fixture).await, 70.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_player_that_plays_is_meant() {
    let mut fixture = with_mpv().await;
    fixture.call("media.pause", &[]).await.unwrap();
    fixture
        .wait_for_value("media.status", "state", is("paused"))
        .await;
    let playing = fixture
        .home()
        .join("two.wav")
        .to_string_lossy()
        .into_owned();
    start_mpv(&mut fixture, &[&playing]).await;
    // A player plays before it has published what.
    fixture
        .wait_for_value("media.status", "title", is("two.wav"))
        .await;
    let players = fixture.registry.live("media.player", &fixture.world).await;
    assert_eq!(players.len(), 2);
    assert!(
        players
            .iter()
            .all(|player| player.names.contains(&"mpv".to_owned())),
        "{players:?}"
    );
    // By id, the one that is not meant without.
    let mut titles = Vec::new();
    for player in &players {
        let arguments = [("player", Value::from(player.id.as_str()))];
        let status = fixture
            .call("media.status", &arguments)
            .await
            .unwrap()
            .value;
        titles.push(status.field("title").cloned().unwrap());
    }
    titles.sort_by_key(|title| title.as_text().map(str::to_owned));
    assert_eq!(titles, [Value::from("one.wav"), Value::from("two.wav")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_player_it_is_not_offered() {
    let mut fixture = Fixture::new();
    let (sentence, _) = fixture.missing("media.pause").await;
    assert_eq!(
        sentence,
        "There is no session bus, so apps and players cannot be reached."
    );
    fixture = fixture.with_session_bus().await;
    assert!(!fixture.offers("media.pause").await);
    let (sentence, remedy) = fixture.missing("media.pause").await;
    assert_eq!(sentence, "No media player is running.");
    assert!(remedy.starts_with("Start a player"), "{remedy}");
    fixture.world.language = protocol::text::Language::Chinese;
    let error = fixture.call("media.pause", &[]).await.unwrap_err();
    assert_eq!(error.problem.sentence, "没有正在运行的媒体播放器。");
    let error = fixture
        .call("media.pause", &[("player", "vlc".into())])
        .await
        .unwrap_err();
    assert_eq!(error.problem.sentence, "现在运行的程序里没有叫“vlc”的。");
}

/// Says that a player's state is another one; whoever says it ends with what is returned.
async fn pretend(fixture: &Fixture, name: Option<&str>) -> zbus::Connection {
    let address = format!("unix:path={}", fixture.path("session").display());
    let builder = zbus::connection::Builder::address(address.as_str());
    let stranger = builder.build().await.unwrap();
    if let Some(name) = name {
        stranger.request_name(name).await.unwrap();
    }
    let player = "org.mpris.MediaPlayer2.Player";
    let changed: std::collections::HashMap<_, _> =
        [("PlaybackStatus", zbus::Variant::from("Stopped".to_owned()))].into();
    let body = (player, changed, Vec::<String>::new());
    stranger
        .emit_signal(
            None::<zbus::names::BusName<'_>>,
            "/org/mpris/MediaPlayer2",
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            &body,
        )
        .await
        .unwrap();
    if name.is_none() {
        // A burst of them holds nobody up.
        for _ in 0..1000 {
            let emitted = stranger.emit_signal(
                None::<zbus::names::BusName<'_>>,
                "/org/mpris/MediaPlayer2",
                "org.freedesktop.DBus.Properties",
                "PropertiesChanged",
                &body,
            );
            emitted.await.unwrap();
        }
    }
    // Until the bus has passed it on.
    let proxy = zbus::fdo::DBusProxy::new(&stranger).await.unwrap();
    proxy.get_id().await.unwrap();
    stranger
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_players_tell_by_themselves_is_heard() {
    let fixture = with_mpv().await;
    let mut signals = fixture.registry.signals().iter();
    let changed = signals.find(|signal| signal.name().as_str() == "media.state_changed");
    let mut states = changed.unwrap().listen(&fixture.world).await.unwrap();
    // Whoever is no player is not heard, though it says the same.
    let _stranger = pretend(&fixture, None).await;
    // What came first is looked at first.
    tokio::time::sleep(Duration::from_millis(500)).await;
    fixture.call("media.pause", &[]).await.unwrap();
    heard(&mut states, "paused").await;
    fixture.call("media.play", &[]).await.unwrap();
    heard(&mut states, "playing").await;
    let _other = pretend(&fixture, Some("org.mpris.MediaPlayer2.other")).await;
    heard(&mut states, "stopped").await;
}

/// Waits until a state is told; that of the start may come late, and what a stranger says never.
async fn heard(states: &mut Listening, wanted: &str) {
    loop {
        let told = tokio::time::timeout(Duration::from_secs(20), states.next());
        let told = told.await.unwrap().unwrap();
        if told == wanted.into() {
            return;
        }
        assert_ne!(told, "stopped".into(), "a stranger was heard");
    }
}
