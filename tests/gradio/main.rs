//! The example `serve` in the place of a Gradio Space: spoken to by plain HTTP, and by Gradio's own client.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test panics")]

mod server;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crack_segmenter::engine::Engine;
use crack_segmenter::export;
use crack_segmenter::mask::ProbabilityMap;
use crack_segmenter::photo::{DecodeError, decode, to_grey};
use crack_segmenter::plan::Mode;
use crack_segmenter::segmenter::Segmenter;
use crack_segmenter::synthetic::{SceneSpec, generate};
use crack_segmenter::weights::Weights;
use image::GrayImage;
use serde_json::{Value, json};

use server::Server;

/// The clients that must work: what the Space's own version of Gradio came with, and a current one.
const CLIENTS: [&str; 2] = ["1.12.1", "2.7.2"];

const NOT_A_PHOTO: &[u8] = b"A wall is not a text.";

/// A made-up photo of cracked concrete, as a PNG file.
fn photo() -> Vec<u8> {
    let scene = generate(&SceneSpec {
        width: 400,
        height: 300,
        seed: 5,
        ..SceneSpec::default()
    });
    export::png_rgb(&scene.photo, None).unwrap()
}

/// What the library finds in it.
fn expected(mode: Mode) -> GrayImage {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/lite.bpk");
    let weights = Weights::from_file(file.as_ref()).unwrap();
    let threshold = weights.metadata().threshold;
    let segmenter = Segmenter::new(
        Engine::on_cpu(&weights.network().unwrap()),
        weights.metadata().usage,
    );
    let grey = to_grey(&decode(&photo()).unwrap());
    let work = segmenter.segment(grey, mode, async |_| ControlFlow::Continue(()));
    let map: ProbabilityMap = pollster::block_on(work).unwrap();
    let mask = map.mask(threshold).as_image().clone();
    assert!(
        mask.iter().any(|&pixel| pixel > 0),
        "the photo shows no crack"
    );
    mask
}

fn grey(png: &[u8]) -> GrayImage {
    let image = image::load_from_memory(png).unwrap();
    assert_eq!(
        image.color(),
        image::ColorType::L8,
        "the mask has one channel"
    );
    image.to_luma8()
}

fn file_data(path: &str) -> Value {
    json!({"path": path, "meta": {"_type": "gradio.FileData"}})
}

mod by_plain_http {
    use super::*;

    #[test]
    fn upload_call_and_stream_give_the_librarys_mask() {
        let server = Server::start(&[]);
        let path = server.upload("Brücke 7.png", &photo());
        let (event, data) = server.predict(&json!([file_data(&path)]));
        assert_eq!(event, "complete");
        assert_eq!(data[0]["orig_name"], "Brücke 7.space.mask.png");
        assert_eq!(data[0]["meta"]["_type"], "gradio.FileData");

        let address = data[0]["url"].as_str().unwrap();
        let mask = server.get_bytes(address.strip_prefix(&server.url).unwrap());
        let expected = expected(Mode::Space);
        assert_eq!(expected.dimensions(), (256, 256));
        assert_eq!(grey(&mask), expected);
    }

    #[test]
    fn native_resolution_can_be_had() {
        let server = Server::start(&["--mode", "native"]);
        let path = server.upload("wall.png", &photo());
        let (_, data) = server.predict(&json!([file_data(&path)]));
        let expected = expected(Mode::Native);
        assert_eq!(expected.dimensions(), (400, 300));
        assert_eq!(grey(&server.file(&data[0])), expected);
    }

    #[test]
    fn a_photo_may_come_within_the_call() {
        let server = Server::start(&[]);
        // Percent-encoded, so that the test needs no Base64 of its own.
        let bytes: String = photo().iter().map(|byte| format!("%{byte:02x}")).collect();
        let photo = json!({"url": format!("data:image/png,{bytes}"), "orig_name": "wall.png"});
        let (_, data) = server.predict(&json!([photo]));
        assert_eq!(data[0]["orig_name"], "wall.space.mask.png");
        assert_eq!(grey(&server.file(&data[0])), expected(Mode::Space));
    }

    #[test]
    fn one_request_may_wait_for_the_answer() {
        let server = Server::start(&[]);
        let path = server.upload("wall.png", &photo());
        let call = json!({"data": [file_data(&path)]});
        let (status, answer) = server.post("/gradio_api/run/predict", &call);
        assert_eq!(status, 200, "{answer}");
        assert_eq!(
            grey(&server.file(&answer["data"][0])),
            expected(Mode::Space)
        );

        let call = json!({"data": [null]});
        let (status, answer) = server.post("/gradio_api/run/predict", &call);
        assert_eq!(status, 500);
        assert!(
            answer["error"]
                .as_str()
                .unwrap()
                .contains("There is no photo")
        );
    }

    #[test]
    fn a_session_is_told_every_step_in_gradios_words() {
        let server = Server::start(&[]);
        let path = server.upload("wall.png", &photo());
        let join = |photo: Value| {
            let call = json!({"data": [photo], "fn_index": 0, "session_hash": "mine"});
            let (status, answer) = server.post("/gradio_api/queue/join", &call);
            assert_eq!(status, 200, "{answer}");
            answer["event_id"].clone()
        };
        let events = [join(file_data(&path)), join(Value::Null)];
        let stream = server.get("/gradio_api/queue/data?session_hash=mine");
        let told: Vec<Value> = stream
            .split_terminator("\n\n")
            .map(|message| serde_json::from_str(message.strip_prefix("data: ").unwrap()).unwrap())
            .collect();
        for event in &events {
            let about = told.iter().filter(|message| message["event_id"] == *event);
            let words: Vec<&str> = about
                .map(|message| message["msg"].as_str().unwrap())
                .collect();
            assert_eq!(words, ["estimation", "process_starts", "process_completed"]);
        }
        let done: Vec<&Value> = told
            .iter()
            .filter(|message| message["msg"] == "process_completed")
            .collect();
        assert_eq!(done[0]["success"], true);
        assert_eq!(
            grey(&server.file(&done[0]["output"]["data"][0])),
            expected(Mode::Space)
        );
        assert_eq!(done[1]["success"], false);
        let text = done[1]["output"]["error"].as_str().unwrap();
        assert!(text.contains("There is no photo"), "{text}");
        assert_eq!(told.last().unwrap()["msg"], "close_stream");

        // Clients may say so too late.
        let call = json!({"event_id": events[0], "session_hash": "mine", "fn_index": 0});
        let (status, answer) = server.post("/gradio_api/cancel", &call);
        assert_eq!((status, &answer["success"]), (200, &json!(true)));
    }

    #[test]
    fn many_may_ask_at_once() {
        let server = Server::start(&[]);
        let expected = expected(Mode::Space);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let path = server.upload("wall.png", &photo());
                    let (_, data) = server.predict(&json!([file_data(&path)]));
                    assert_eq!(grey(&server.file(&data[0])), expected);
                });
            }
        });
    }

    #[test]
    fn errors_say_what_to_do() {
        let server = Server::start(&[]);
        let text_file = server.upload("wall.png", NOT_A_PHOTO);
        for (data, words) in [
            (
                json!([file_data(&text_file)]),
                DecodeError::NotAnImage.to_string(),
            ),
            (json!([]), "Send one photo".to_owned()),
            (json!([null]), "Choose one and send it again".to_owned()),
            (json!(["wall.png"]), "must come as a file".to_owned()),
            (
                json!([file_data("/etc/passwd")]),
                "Upload it again".to_owned(),
            ),
            (
                json!([file_data("http://example.com/wall.jpg")]),
                "fetches nothing from other addresses".to_owned(),
            ),
            (
                json!([{"url": "data:image/png;base64,?"}]),
                "Upload the photo as a file".to_owned(),
            ),
        ] {
            let (event, answer) = server.predict(&data);
            assert_eq!(event, "error", "{data}");
            let text = answer["error"].as_str().unwrap();
            assert!(text.contains(&words), "{data}: {text}");
        }

        let stream = server.get("/gradio_api/call/predict/unknown");
        assert!(stream.starts_with("event: error\n"), "{stream}");
        assert!(stream.contains("Send the photo again"), "{stream}");

        let call = json!({"data": [null], "fn_index": 7, "session_hash": "mine"});
        for (path, body, status, words) in [
            ("/gradio_api/call/segment", &call, 404, "/predict"),
            ("/gradio_api/queue/join", &call, 404, "/predict"),
            (
                "/gradio_api/queue/join",
                &json!(3),
                422,
                r#"line 1, column 1. Send JSON: {"data": [photo]} for a call"#,
            ),
            (
                "/gradio_api/cancel",
                &json!({"event_id": 7}),
                422,
                r#"{"event_id": "..."} to cancel one"#,
            ),
            ("/gradio_api/upload", &call, 400, "multipart/form-data"),
            ("/gradio_api/nothing", &call, 404, "MIGRATING.md"),
        ] {
            let (answered, answer) = server.post(path, body);
            assert_eq!(answered, status, "{path}: {answer}");
            let text = answer["detail"].as_str().unwrap();
            assert!(text.contains(words), "{path}: {text}");
        }
    }

    #[test]
    fn long_names_are_not_kept() {
        let server = Server::start(&[]);
        let long = "x".repeat(1 << 20);
        let refused = |(status, answer): (u16, Value)| {
            let text = answer["detail"].as_str().unwrap();
            let expected = "1048576 bytes, at most 240 are possible. Choose a shorter one";
            assert!(status == 400 && text.contains(expected), "{status}: {text}");
        };
        refused(server.post_form("files", &long, NOT_A_PHOTO));
        let call = json!({"data": [null], "session_hash": long});
        refused(server.post("/gradio_api/queue/join", &call));

        for (photo, words) in [
            (
                json!({"url": "data:,wall", "orig_name": long}),
                "Choose a shorter one",
            ),
            (file_data(&long), "Upload it again"),
        ] {
            let (event, answer) = server.predict(&json!([photo]));
            assert_eq!(event, "error");
            let text = answer["error"].as_str().unwrap();
            assert!(text.len() < 400 && text.contains(words), "{text}");
        }
    }

    #[test]
    fn a_form_without_the_photo_is_refused() {
        let server = Server::start(&[]);
        let (status, answer) = server.post_form("photo", "wall.png", &photo());
        assert_eq!(status, 400, "{answer}");
        assert!(
            answer["detail"]
                .as_str()
                .unwrap()
                .contains(r#"in the field "files""#)
        );
    }

    #[test]
    fn old_files_make_room_for_new_ones() {
        let server = Server::start(&[]);
        let first = server.upload("first.txt", b"first");
        let address = format!("/gradio_api/file={first}");
        assert_eq!(server.get(&address), "first");
        let mut last = String::new();
        for _ in 0..256 {
            last = server.upload("next.txt", b"next");
        }
        assert!(server.get(&address).contains("too many came after it"));
        assert_eq!(server.get(&format!("/gradio_api/file={last}")), "next");
    }

    #[test]
    fn what_is_too_large_is_refused_and_the_server_lives_on() {
        let server = Server::start(&[]);
        let (status, answer) = server.post_form("files", "wall.png", &vec![0; (100 << 20) + 1]);
        assert_eq!(status, 413, "{answer}");
        let text = answer["detail"].as_str().unwrap();
        assert!(text.contains("at most 100 MB are possible"), "{text}");

        // More than is read at all, more than any memory holds, and then the caller goes away.
        for announced in [2 << 30, u64::MAX / 4] {
            let mut stream = announce(&server, announced);
            let mut status = [0; 12];
            stream.read_exact(&mut status).unwrap();
            assert_eq!(&status, b"HTTP/1.1 413");
            stream.shutdown(Shutdown::Both).unwrap();
        }
        announce(&server, 500 << 20)
            .shutdown(Shutdown::Both)
            .unwrap();
        server.upload("wall.png", &photo());
    }

    /// An upload that begins, of so many bytes.
    fn announce(server: &Server, bytes: u64) -> TcpStream {
        let mut stream = TcpStream::connect(server.host()).unwrap();
        write!(
            stream,
            "POST /gradio_api/upload HTTP/1.1\r\nHost: {}\r\nContent-Length: {bytes}\r\n\r\nwall",
            server.host()
        )
        .unwrap();
        stream
    }

    #[test]
    fn a_heartbeat_is_sent_at_once() {
        let server = Server::start(&[]);
        let mut stream = TcpStream::connect(server.host()).unwrap();
        write!(
            stream,
            "GET /gradio_api/heartbeat/mine HTTP/1.1\r\nHost: {}\r\n\r\n",
            server.host()
        )
        .unwrap();
        let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
        assert!(lines.any(|line| line == "data: ALIVE"));
    }

    #[test]
    fn only_pages_of_this_computer_may_use_a_server_of_this_computer() {
        let server = Server::start(&[]);
        let own = server.host();
        // A site's name that was made to point to this computer.
        let rebound = own.replace("127.0.0.1", "example.com");
        let rebound_page = format!("http://{rebound}");
        for (session, (host, origin, is_allowed)) in [
            (own, "http://localhost:3000", true),
            (own, "https://127.0.0.1", true),
            (own, "https://example.com", false),
            (own, "https://localhost.example.com", false),
            (own, "null", false),
            (&rebound, &rebound_page, false),
            // Through a web server in front.
            ("example.com", "https://example.com", true),
        ]
        .into_iter()
        .enumerate()
        {
            let call =
                json!({"data": [{"url": "data:,wall"}], "session_hash": session.to_string()});
            for (method, body) in [("OPTIONS", ""), ("POST", &call.to_string())] {
                // Who is refused is answered before all is there.
                let length = body.len() + if is_allowed { 0 } else { 1 };
                // A browser sends plain text without asking first.
                let request = format!(
                    "{method} /gradio_api/queue/join HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n\
                     Content-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
                let mut stream = TcpStream::connect(own).unwrap();
                let patience = Some(Duration::from_secs(10));
                stream.set_read_timeout(patience).unwrap();
                stream.write_all(request.as_bytes()).unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                let status = if is_allowed { "200" } else { "403" };
                assert_eq!(&answer[9..12], status, "{host}, {origin}: {answer}");
                let allows = answer.contains(&format!("access-control-allow-origin: {origin}\r\n"));
                assert_eq!(allows, is_allowed, "{host}, {origin}: {answer}");
            }
            let told = server.get(&format!("/gradio_api/queue/data?session_hash={session}"));
            let is_queued = !told.contains("session_not_found");
            assert_eq!(is_queued, is_allowed, "{host}, {origin}: {told}");
        }
    }
}

mod by_gradios_own_client {
    use super::*;

    #[test]
    fn unchanged_calls_give_the_librarys_mask() {
        let server = Server::start(&[]);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gradio");
        fs::create_dir_all(&folder).unwrap();
        let (wall, text) = (folder.join("Brücke 7.png"), folder.join("no photo.jpg"));
        fs::write(&wall, photo()).unwrap();
        fs::write(&text, NOT_A_PHOTO).unwrap();
        let expected = expected(Mode::Space);

        for version in CLIENTS {
            let output = Command::new(python_with_client(version))
                .arg(concat!(
                    env!("CARGO_MANIFEST_DIR"),
                    "/tests/gradio/client.py"
                ))
                .arg(&server.url)
                .args([&wall, &text])
                // Where the client puts what it downloads; and it is not to tell its makers of this.
                .env("GRADIO_TEMP_DIR", folder.join(version))
                .env("HF_HUB_DISABLE_TELEMETRY", "1")
                .output()
                .unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "client {version}: {errors}");
            let told: Value = serde_json::from_slice(&output.stdout).unwrap();

            let masks = told["masks"].as_array().unwrap();
            assert_eq!(masks.len(), 11);
            for mask in masks {
                let file = fs::read(mask.as_str().unwrap()).unwrap();
                assert_eq!(grey(&file), expected, "client {version}");
            }
            let function = &told["api"]["named_endpoints"]["/predict"];
            assert_eq!(function["parameters"][0]["component"], "Image");
            assert_eq!(function["returns"][0]["component"], "Image");
            for (what, words) in [
                ("words", r#"predict(image, api_name="/predict") -> output"#),
                ("no photo", &DecodeError::NotAnImage.to_string()),
                ("elsewhere", "fetches nothing from other addresses"),
                ("unknown", "Cannot find a function"),
            ] {
                let text = told[what].as_str().unwrap();
                assert!(text.contains(words), "client {version}, {what}: {text}");
            }
        }
    }

    /// A Python that has this version of Gradio's client; installed once, in cargo's folder for such.
    fn python_with_client(version: &str) -> PathBuf {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("gradio-client-{version}"));
        let python = folder.join(if cfg!(windows) {
            "Scripts/python.exe"
        } else {
            "bin/python"
        });
        let is_ready = folder.join("is-ready");
        if !is_ready.exists() {
            let system = if cfg!(windows) { "python" } else { "python3" };
            run(
                Command::new(system)
                    .args(["-m", "venv", "--clear"])
                    .arg(&folder),
                "This test needs Python with venv. On a Debian-like system: apt-get install python3-venv",
            );
            run(
                Command::new(&python)
                    .args(["-m", "pip", "install", "--quiet"])
                    .arg(format!("gradio_client=={version}")),
                "This test installs Gradio's client from PyPI the first time, which needs a network",
            );
            fs::write(is_ready, "").unwrap();
        }
        python
    }

    fn run(command: &mut Command, advice: &str) {
        match command.output() {
            Ok(output) if output.status.success() => {}
            Ok(output) => panic!(
                "{advice}\n{command:?}\n{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ),
            Err(error) => panic!("{advice}\n{command:?}: {error}"),
        }
    }
}
