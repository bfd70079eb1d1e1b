//! A running example, and how to speak to it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use serde_json::{Value, json};
use ureq::Agent;

pub(crate) struct Server {
    process: Child,
    agent: Agent,
    pub(crate) url: String,
}

impl Server {
    /// Starts the example on any free port.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(build);
        let mut process = Command::new(&*EXAMPLE)
            .args(["--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let (_, rest) = line.split_once("Listening on ").unwrap();
        let (url, _) = rest.split_once(": ").unwrap();
        Self {
            process,
            agent: Agent::config_builder()
                .http_status_as_error(false)
                .build()
                .into(),
            url: url.to_owned(),
        }
    }

    pub(crate) fn host(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    pub(crate) fn get_bytes(&self, path: &str) -> Vec<u8> {
        let mut answer = self
            .agent
            .get(format!("{}{path}", self.url))
            .call()
            .unwrap();
        answer.body_mut().read_to_vec().unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> String {
        String::from_utf8(self.get_bytes(path)).unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let address = format!("{}{path}", self.url);
        let mut answer = self.agent.post(address).send_json(body).unwrap();
        let status = answer.status().as_u16();
        (status, answer.body_mut().read_json().unwrap())
    }

    /// Uploads a file as a browser's form does.
    pub(crate) fn post_form(&self, field: &str, name: &str, file: &[u8]) -> (u16, Value) {
        let mut form = format!(
            "--limit\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        form.extend(file);
        form.extend(b"\r\n--limit--\r\n");
        let mut answer = self
            .agent
            .post(format!("{}/gradio_api/upload", self.url))
            .content_type("multipart/form-data; boundary=limit")
            .send(form)
            .unwrap();
        let status = answer.status().as_u16();
        (status, answer.body_mut().read_json().unwrap())
    }

    /// Where the server keeps an uploaded file.
    pub(crate) fn upload(&self, name: &str, file: &[u8]) -> String {
        let (status, paths) = self.post_form("files", name, file);
        assert_eq!(status, 200, "{paths}");
        paths[0].as_str().unwrap().to_owned()
    }

    /// Calls the function, and gives the last event's name and data.
    pub(crate) fn predict(&self, data: &Value) -> (String, Value) {
        let (status, answer) = self.post("/gradio_api/call/predict", &json!({"data": data}));
        assert_eq!(status, 200, "{answer}");
        let event = answer["event_id"].as_str().unwrap();
        let stream = self.get(&format!("/gradio_api/call/predict/{event}"));
        let last = stream.trim_end().rsplit("\n\n").next().unwrap();
        let (event, data) = last.split_once("\ndata: ").unwrap();
        let event = event.strip_prefix("event: ").unwrap().to_owned();
        (event, serde_json::from_str(data).unwrap())
    }

    /// The file that an answer names.
    pub(crate) fn file(&self, file: &Value) -> Vec<u8> {
        let path = file["path"].as_str().unwrap();
        self.get_bytes(&format!("/gradio_api/file={path}"))
    }
}

/// Builds the example as the tests were built. Cargo does so by itself for some sets of tests only, and would let the others
/// run what was built last.
fn build() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap();
    let profile = match folder.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        name => name,
    };
    let status = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args([
            "build",
            "--quiet",
            "--example",
            "serve",
            "--profile",
            profile,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(status.success(), "the example `serve` was not built");
    folder
        .join("examples/serve")
        .with_extension(std::env::consts::EXE_EXTENSION)
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which the test will have noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
