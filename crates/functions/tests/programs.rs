//! Functions made of programs that find their service through the session's variables: a real NetworkManager in a
//! network of its own through `nmcli`, and a real Music Player Daemon through `mpc`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use plan::Value;
use support::Fixture;
use tokio::sync::Mutex;

/// These tests say through variables of their process where the services are.
static VARIABLES: Mutex<()> = Mutex::const_new(());

fn set(name: &str, value: impl AsRef<std::ffi::OsStr>) {
    // SAFETY: one test at a time holds VARIABLES, and all code here that reads the environment does it through the
    // standard library, which takes the same lock.
    unsafe { std::env::set_var(name, value) }
}

fn texts(rows: &Value, field: &str) -> Vec<String> {
    let rows = rows.as_list().unwrap().iter();
    rows.map(|row| row.field(field).unwrap().as_text().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_network_is_joined_and_left() {
    let _alone = VARIABLES.lock().await;
    let mut fixture = Fixture::new().with_system_bus().await;
    let bus = format!("unix:path={}", fixture.path("system").display());
    set("DBUS_SYSTEM_BUS_ADDRESS", bus);
    let folder = fixture.path("nm");
    let profiles = folder.join("profiles");
    fs::create_dir_all(&profiles).unwrap();
    // A tunnel needs no device, and no permission outside of its own network.
    let profile = profiles.join("office.nmconnection");
    fs::write(
        &profile,
        "[connection]\nid=The Office\ntype=tun\ninterface-name=tun9\nautoconnect=false\n[tun]\nmode=1\n\
         [ipv4]\nmethod=disabled\n[ipv6]\nmethod=disabled\n",
    )
    .unwrap();
    fs::set_permissions(&profile, fs::Permissions::from_mode(0o600)).unwrap();
    let config = folder.join("nm.conf");
    let text = format!(
        "[main]\nplugins=keyfile\nauth-polkit=false\n[keyfile]\npath={}\n",
        profiles.display()
    );
    fs::write(&config, text).unwrap();
    let of = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let [config, state, pid] = ["nm.conf", "state", "pid"].map(of);
    let manager = ["-n", "--", "NetworkManager", "--no-daemon", "--config"];
    let places = [&config, "--state-file", &state, "--pid-file", &pid];
    fixture.start("unshare", &[&manager[..], &places[..]].concat());
    fixture
        .wait_for_name("org.freedesktop.NetworkManager")
        .await;

    let saved = fixture.read("network.saved").await;
    assert_eq!(texts(&saved, "name"), ["The Office"]);
    let office = [("name", Value::from("The Office"))];
    let joined = fixture.call("network.join", &office).await.unwrap();
    assert_eq!(joined.note, "Connected to The Office.");
    let there = fixture.read("network.connections").await;
    assert_eq!(texts(&there, "name"), ["The Office"]);
    assert_eq!(texts(&there, "state"), ["connected"]);
    let left = fixture.call("network.leave", &office).await.unwrap();
    assert_eq!(left.note, "Disconnected from The Office.");
    fixture
        .wait("it is gone", || async {
            fixture.read("network.connections").await == Value::List(Vec::new())
        })
        .await;

    let other = [("name", Value::from("Nowhere"))];
    let error = fixture.call("network.join", &other).await.unwrap_err();
    assert!(error.problem.sentence.contains("Nowhere"), "{error}");
    let error = fixture.call("network.leave", &office).await.unwrap_err();
    assert!(error.problem.sentence.contains("The Office"), "{error}");
}

/// Writes a minute of silence with the tags of ID3.
fn write_song(path: &Path, title: &str, artist: &str, album: &str) {
    let frame = |id: &str, text: &str| {
        let text: Vec<u8> = [0xfeff]
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let length = (text.len() as u32 + 1).to_be_bytes();
        [id.as_bytes(), &length, &[0, 0, 1], &text].concat()
    };
    let frames =
        [("TIT2", title), ("TPE1", artist), ("TALB", album)].map(|(id, text)| frame(id, text));
    let frames = frames.concat();
    let length = frames.len() as u32;
    let seven_bits = [21, 14, 7, 0].map(|shift| (length >> shift) as u8 & 0x7f);
    let mut tags = [&b"ID3\x03\0\0"[..], &seven_bits, &frames].concat();
    tags.resize(tags.len().next_multiple_of(2), 0);
    const RATE: u32 = 8000;
    let format = [
        &[1, 0, 1, 0][..],
        &RATE.to_le_bytes(),
        &RATE.to_le_bytes(),
        &[1, 0, 8, 0],
    ];
    let silence = vec![0x80; 60 * RATE as usize];
    let chunk = |id: &str, content: &[u8]| {
        let length = (content.len() as u32).to_le_bytes();
        [id.as_bytes(), &length, content].concat()
    };
    let chunks = [
        b"WAVE".to_vec(),
        chunk("fmt ", &format.concat()),
        chunk("data", &silence),
        chunk("id3 ", &tags),
    ];
    fs::write(path, chunk("RIFF", &chunks.concat())).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_music_library_is_searched_and_played() {
    let _alone = VARIABLES.lock().await;
    let mut fixture = Fixture::new();
    let music = fixture.home().join("Music");
    fs::create_dir_all(music.join("bach")).unwrap();
    for (file, title, artist, album) in [
        ("bach/one.wav", "Suite One", "Bach", "Cello"),
        ("bach/two.wav", "Suite Two", "Bach", "Cello"),
        ("青花瓷.wav", "青花瓷", "周杰伦", "我很忙"),
        ("it's \"odd\".wav", "Odd\tone.wav", "No\tOne", ""),
        ("one.wav", "Song", "No One", ""),
    ] {
        write_song(&music.join(file), title, artist, album);
    }
    let socket = fixture.path("mpd");
    set("MPD_HOST", &socket);
    let config = fixture.path("mpd.conf");
    let text = format!(
        "music_directory \"{}\"\ndb_file \"{}\"\nbind_to_address \"{}\"\naudio_output {{\ntype \"null\"\nname \"none\"\n}}\n",
        music.display(),
        fixture.path("db").display(),
        socket.display()
    );
    fs::write(&config, text).unwrap();
    let words = |words: &'static str| [("words", Value::from(words))];
    // A player that does not run says so.
    let silent = fixture.call("media.find_tracks", &words("bach")).await;
    let silent = silent.unwrap_err();
    assert!(silent.problem.sentence.contains("mpc"), "{silent}");

    fixture.start("mpd", &["--no-daemon", &config.to_string_lossy()]);
    // It reads the music when it begins without a database.
    fixture
        .wait("the library", || async {
            let found = fixture.call("media.find_tracks", &words("")).await;
            let found = found.map(|found| found.value.as_list().unwrap().len());
            found.is_ok_and(|count| count == 5)
        })
        .await;
    let bach = fixture.call("media.find_tracks", &words("bach")).await;
    let bach = bach.unwrap().value;
    assert_eq!(texts(&bach, "title"), ["Suite One", "Suite Two"]);
    assert_eq!(texts(&bach, "artist"), ["Bach", "Bach"]);
    assert_eq!(texts(&bach, "length"), ["1:00", "1:00"]);
    let nothing = fixture.call("media.find_tracks", &words("Mozart")).await;
    assert_eq!(nothing.unwrap().value, Value::List(Vec::new()));

    let host = format!("--host={}", socket.display());
    let run = async |arguments: &[&str]| {
        let arguments = [&[host.as_str()], arguments].concat();
        fixture.run("mpc", &arguments).await
    };
    let track = |track: &'static str| [("track", Value::from(track))];
    fixture
        .call("media.queue_track", &track("bach/one.wav"))
        .await
        .unwrap();
    assert_eq!(
        run(&["playlist", "--format", "%file%"]).await,
        "bach/one.wav\n"
    );
    assert!(!run(&["status"]).await.contains("playing"));
    // What is played takes the place of what waited: just that song, though another one's name holds its.
    for (file, shown) in [
        ("one.wav", "No One - Song"),
        ("青花瓷.wav", "周杰伦 - 青花瓷"),
    ] {
        let other = track("bach/one.wav");
        fixture.call("media.queue_track", &other).await.unwrap();
        let played = fixture
            .call("media.play_track", &track(file))
            .await
            .unwrap();
        assert_eq!(played.note, format!("Playing {file}."));
        fixture
            .wait(shown, || async {
                let status = run(&["status"]).await;
                status.contains("[playing]") && status.contains(shown)
            })
            .await;
    }
    let waits = run(&["playlist", "--format", "%file%"]).await;
    assert_eq!(waits, "青花瓷.wav\n");
    let quoted = track("it's \"odd\".wav");
    fixture.call("media.queue_track", &quoted).await.unwrap();
    let waits = run(&["playlist", "--format", "%file%"]).await;
    assert_eq!(waits, "青花瓷.wav\nit's \"odd\".wav\n");
    // A tag cannot name another file, and nothing is fetched from elsewhere.
    let odd = fixture.call("media.find_tracks", &words("Odd")).await;
    assert_eq!(texts(&odd.unwrap().value, "track"), ["it's \"odd\".wav"]);
    for function in ["media.play_track", "media.queue_track"] {
        for file in [
            "nothing.wav",
            "bach",
            "http://localhost/song.wav",
            "file:///etc/passwd",
        ] {
            let error = fixture.call(function, &track(file)).await.unwrap_err();
            assert_eq!(error.problem.sentence, "The library has no such song.");
        }
    }
    assert_eq!(run(&["playlist", "--format", "%file%"]).await, waits);
}
