//! From a request to its answer.

use std::io;
use std::sync::Arc;
use std::thread;

use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tiny_http::{Header, Method, Request};

use crate::gradio::{self, Call, Cancel, FUNCTION, FUNCTION_INDEX, Message, PREFIX};
use crate::http::{self, EventStream};
use crate::id::{NoRandomness, id};
use crate::input;
use crate::queue::{HEARTBEAT, JoinError, Queue};
use crate::store::{Store, StoreError};

const GREETING: &str = "\
This is the crack segmenter. It answers as a Gradio app does, at /config and below /gradio_api.

In Python:  Client(\"<this address>\").predict(handle_file(\"photo.jpg\"), api_name=\"/predict\")
By HTTP:    POST /gradio_api/upload, POST /gradio_api/call/predict, GET /gradio_api/call/predict/EVENT

MIGRATING.md, beside the program's source, says more.
";

/// What the requests have to do with.
pub(crate) struct App {
    queue: Arc<Queue>,
    store: Arc<Store>,
    /// Tells clients that the server was started anew.
    id: String,
}

/// What is sent back.
enum Reply {
    Json(Value),
    Text(&'static str),
    File(Arc<[u8]>),
    /// A session's messages, each as the function puts it.
    Messages(String, fn(&Message) -> Option<String>),
    /// Signs of life without end.
    Heartbeat,
}

/// A status, and what the caller can do.
struct Refusal(u16, String);

impl From<NoRandomness> for Refusal {
    fn from(error: NoRandomness) -> Self {
        Self(500, error.to_string())
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::TooLarge(_) => 413,
            StoreError::NoRandomness(_) => 500,
        };
        Self(status, error.to_string())
    }
}

impl From<JoinError> for Refusal {
    fn from(error: JoinError) -> Self {
        // By this status the clients know that it is worth to try again.
        let status = match error {
            JoinError::Full => 503,
            JoinError::NoRandomness(_) => 500,
        };
        Self(status, error.to_string())
    }
}

impl App {
    pub(crate) fn new(queue: Arc<Queue>, store: Arc<Store>) -> Result<Self, NoRandomness> {
        Ok(Self {
            queue,
            store,
            id: id()?,
        })
    }

    pub(crate) fn answer(&self, mut request: Request) -> io::Result<()> {
        if request.body_length() > Some(http::MAX_ANNOUNCED) {
            http::refuse_unread(request);
            return Ok(());
        }
        let body = http::read_body(&mut request)?;
        let cors = http::cors(&request);
        if *request.method() == Method::Options {
            return http::respond(request, 200, "text/plain", b"OK", &cors);
        }
        let reply = match &body {
            Some(body) => self.route(&request, body),
            None => Err(Refusal(413, http::too_large())),
        };
        match reply {
            Ok(Reply::Json(value)) => http::respond_json(request, 200, &value, &cors),
            Ok(Reply::Text(text)) => http::respond(
                request,
                200,
                "text/plain; charset=utf-8",
                text.as_bytes(),
                &cors,
            ),
            Ok(Reply::File(bytes)) => {
                http::respond(request, 200, content_type(&bytes), &bytes, &cors)
            }
            Ok(Reply::Messages(session, words)) => {
                let sent = self.send_messages(request, &session, words, &cors);
                if sent.is_err() {
                    self.queue.leave(&session);
                }
                sent
            }
            Ok(Reply::Heartbeat) => {
                let mut stream = EventStream::start(request, &cors)?;
                loop {
                    stream.send("data: ALIVE\n\n")?;
                    thread::sleep(HEARTBEAT);
                }
            }
            Err(Refusal(status, detail)) => {
                // Which of the two is looked at depends on the client.
                let value = json!({"detail": detail, "error": detail});
                http::respond_json(request, status, &value, &cors)
            }
        }
    }

    fn route(&self, request: &Request, body: &[u8]) -> Result<Reply, Refusal> {
        let (path, query) = request.url().split_once('?').unwrap_or((request.url(), ""));
        let path = percent_decode_str(path).decode_utf8_lossy();
        let is_get = *request.method() == Method::Get;
        let is_read = is_get || *request.method() == Method::Head;
        let is_post = *request.method() == Method::Post;
        let root = || http::root(request);

        let Some(route) = path.strip_prefix(PREFIX) else {
            return match path.trim_end_matches('/') {
                "" if is_read => Ok(Reply::Text(GREETING)),
                "/config" if is_read => Ok(Reply::Json(gradio::config(&root(), &self.id))),
                _ => Err(not_found(request)),
            };
        };
        if let Some(path) = route.strip_prefix("/file=")
            && is_read
        {
            let file = self.store.get(path).ok_or_else(|| {
                let text = "This file is not kept here, or too many came after it.";
                Refusal(404, text.to_owned())
            })?;
            return Ok(Reply::File(file));
        }
        let segments: Vec<&str> = route.split('/').filter(|part| !part.is_empty()).collect();
        match segments[..] {
            ["info"] if is_read => Ok(Reply::Json(gradio::info())),
            ["app_id"] if is_read => Ok(Reply::Json(json!({"app_id": self.id}))),
            ["upload"] if is_post => Ok(Reply::Json(self.upload(request, body)?)),
            ["call", name] if is_post => {
                known_function(name)?;
                let call = parse(body)?;
                let event = self.join(&call, None, root())?;
                Ok(Reply::Json(json!({"event_id": event})))
            }
            ["call", _, event] if is_get => {
                Ok(Reply::Messages(event.to_owned(), Message::for_call))
            }
            ["run" | "api", name] if is_post => {
                known_function(name)?;
                let event = self.join(&parse(body)?, None, root())?;
                self.wait(&event)
            }
            ["queue", "join"] if is_post => {
                let call: Call = parse(body)?;
                if call.fn_index.is_some_and(|index| index != FUNCTION_INDEX) {
                    return Err(unknown_function());
                }
                let session = call.session_hash.clone().ok_or_else(|| {
                    let text = "The session_hash is missing: choose a name for your session and \
                        ask for /gradio_api/queue/data?session_hash=NAME.";
                    Refusal(400, text.to_owned())
                })?;
                let event = self.join(&call, Some(session), root())?;
                Ok(Reply::Json(json!({"event_id": event})))
            }
            ["queue", "data"] if is_get => {
                let session = http::parameter(query, "session_hash").ok_or_else(|| {
                    let text = "The session is missing: ask for ...?session_hash=NAME.";
                    Refusal(422, text.to_owned())
                })?;
                Ok(Reply::Messages(session, |message| {
                    Some(message.for_session())
                }))
            }
            ["queue", "status"] if is_read => Ok(Reply::Json(json!({
                "msg": "estimation", "event_id": null, "rank": null, "queue_size": self.queue.len(), "rank_eta": null,
            }))),
            ["heartbeat", _] if is_get => Ok(Reply::Heartbeat),
            ["cancel" | "reset"] if is_post => {
                let Cancel { event_id } = parse(body)?;
                self.queue.cancel(&event_id.unwrap_or_default());
                Ok(Reply::Json(json!({"success": true})))
            }
            _ => Err(not_found(request)),
        }
    }

    /// Keeps the files of a form and tells their paths.
    fn upload(&self, request: &Request, form: &[u8]) -> Result<Value, Refusal> {
        let unreadable = |error: multer::Error| {
            let text =
                format!("Send the photo as multipart/form-data, in the field \"files\": {error}.");
            Refusal(400, text)
        };
        let content_type = http::header(request, "Content-Type").unwrap_or_default();
        let boundary = multer::parse_boundary(content_type).map_err(unreadable)?;
        let whole = futures_lite::stream::once(Ok::<_, io::Error>(form.to_vec()));
        let mut form = multer::Multipart::new(whole, boundary);
        let mut paths = Vec::new();
        pollster::block_on(async {
            while let Some(field) = form.next_field().await.map_err(unreadable)? {
                if field.name() != Some("files") {
                    continue;
                }
                let name = field.file_name().unwrap_or_default().to_owned();
                let file = field.bytes().await.map_err(unreadable)?;
                paths.push(self.store.put(&name, &file)?);
            }
            Ok(json!(paths))
        })
    }

    fn join(&self, call: &Call, session: Option<String>, root: String) -> Result<String, Refusal> {
        let photo = input::photo(&call.data, &self.store);
        Ok(self.queue.join(session, photo, root)?)
    }

    /// The answer of an event, for callers who wait on one connection.
    fn wait(&self, event: &str) -> Result<Reply, Refusal> {
        loop {
            match self.queue.next_message(event) {
                Message::ProcessCompleted { result, .. } => {
                    self.queue.leave(event);
                    let mask = result.map_err(|text| Refusal(500, text))?;
                    return Ok(Reply::Json(json!({"data": [mask], "is_generating": false})));
                }
                Message::Cancelled { .. } | Message::CloseStream | Message::UnknownSession => {
                    return Err(Refusal(500, "The photo was given up.".to_owned()));
                }
                Message::Estimation { .. } | Message::ProcessStarts { .. } | Message::Heartbeat => {
                }
            }
        }
    }

    fn send_messages(
        &self,
        request: Request,
        session: &str,
        words: fn(&Message) -> Option<String>,
        cors: &[Header],
    ) -> io::Result<()> {
        let mut stream = EventStream::start(request, cors)?;
        loop {
            let message = self.queue.next_message(session);
            if let Some(words) = words(&message) {
                stream.send(&words)?;
            }
            if message.is_last() {
                return stream.end();
            }
        }
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal(
            422,
            format!("Send JSON, as {{\"data\": [photo]}}: {error}."),
        )
    })
}

/// Whether the name is that of the one function there is.
fn known_function(name: &str) -> Result<(), Refusal> {
    if name == FUNCTION {
        Ok(())
    } else {
        Err(unknown_function())
    }
}

fn unknown_function() -> Refusal {
    Refusal(
        404,
        format!("There is no such function here. The only one is /{FUNCTION}."),
    )
}

fn not_found(request: &Request) -> Refusal {
    let text = format!(
        "There is no {} {} here. MIGRATING.md says what there is.",
        request.method(),
        request.url()
    );
    Refusal(404, text)
}

/// Masks are PNGs. Whatever else was uploaded is nothing that a browser should show as a page of this server.
fn content_type(file: &[u8]) -> &'static str {
    if file.starts_with(b"\x89PNG") {
        "image/png"
    } else {
        "application/octet-stream"
    }
}
