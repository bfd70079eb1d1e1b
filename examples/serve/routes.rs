//! From a request to its answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_lite::{Stream, StreamExt as _, stream};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::time::interval;

use crate::gradio::{self, Call, Cancel, FUNCTION, FUNCTION_INDEX, Message, PREFIX};
use crate::http::{self, BodyError, OtherSite};
use crate::id::{NoRandomness, id};
use crate::input;
use crate::name::{self, LongName};
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
    /// Where it listens.
    listener: SocketAddr,
    /// Tells clients that the server was started anew.
    id: String,
}

/// Why there is no answer, and what the caller can do.
#[derive(Debug, Error)]
enum Refusal {
    #[error(transparent)]
    OtherSite(#[from] OtherSite),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Name(#[from] LongName),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Join(#[from] JoinError),
    #[error(
        "The request can't be understood: line {}, column {}. \
         Send JSON: {{\"data\": [photo]}} for a call, {{\"event_id\": \"...\"}} to cancel one.",
        .0.line(),
        .0.column()
    )]
    NotUnderstood(#[from] serde_json::Error),
    #[error("Send the photo as multipart/form-data, in the field \"files\": {0}.")]
    NotAForm(#[from] multer::Error),
    #[error("There is no file in the field \"files\". Send the photo there.")]
    NoFile,
    #[error(
        "The session_hash is missing: choose a name for your session and \
         ask for /gradio_api/queue/data?session_hash=NAME."
    )]
    NoSessionHash,
    #[error("The session is missing: ask for ...?session_hash=NAME.")]
    NoSession,
    #[error("There is no such function here. The only one is /{FUNCTION}.")]
    UnknownFunction,
    #[error("This file is not kept here, or too many came after it.")]
    Gone,
    #[error("There is no {0} {1} here. MIGRATING.md says what there is.")]
    NotFound(Method, Uri),
    /// In the words of the network's thread.
    #[error("{0}")]
    NoMask(String),
    #[error("The photo was given up.")]
    GivenUp,
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::OtherSite(_) => StatusCode::FORBIDDEN,
            Self::Body(BodyError::TooLarge) | Self::Store(StoreError::TooLarge(_)) => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Self::Body(BodyError::BrokenOff(_))
            | Self::Name(_)
            | Self::Join(JoinError::Name(_))
            | Self::NotAForm(_)
            | Self::NoFile
            | Self::NoSessionHash => StatusCode::BAD_REQUEST,
            Self::NotUnderstood(_) | Self::NoSession => StatusCode::UNPROCESSABLE_ENTITY,
            Self::UnknownFunction | Self::Gone | Self::NotFound(..) => StatusCode::NOT_FOUND,
            // By this status the clients know that it is worth to try again.
            Self::Join(JoinError::Full | JoinError::Ended(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(StoreError::NoRandomness(_))
            | Self::Join(JoinError::NoRandomness(_))
            | Self::NoMask(_)
            | Self::GivenUp => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let detail = self.to_string();
        // Which of the two is looked at depends on the client.
        let value = json!({"detail": detail, "error": detail});
        (self.status(), Json(value)).into_response()
    }
}

/// Answers every request.
pub(crate) async fn answer(State(app): State<Arc<App>>, request: Request) -> Response {
    let (request, body) = request.into_parts();
    let mut response = match http::cors(&request.headers, app.listener) {
        Ok(cors) => {
            let answer = app.answer(&request, body).await;
            let mut response = answer.unwrap_or_else(Refusal::into_response);
            response.headers_mut().extend(cors);
            response
        }
        Err(error) => Refusal::from(error).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

impl App {
    pub(crate) fn new(
        queue: Arc<Queue>,
        store: Arc<Store>,
        listener: SocketAddr,
    ) -> Result<Self, NoRandomness> {
        Ok(Self {
            queue,
            store,
            listener,
            id: id()?,
        })
    }

    async fn answer(&self, request: &Parts, body: Body) -> Result<Response, Refusal> {
        if request.method == Method::OPTIONS {
            return Ok("OK".into_response());
        }
        let body = http::read_body(&request.headers, body).await?;
        self.route(request, body).await
    }

    async fn route(&self, request: &Parts, body: Bytes) -> Result<Response, Refusal> {
        let path = percent_decode_str(request.uri.path()).decode_utf8_lossy();
        let is_get = request.method == Method::GET;
        // HEAD too, but not for streams of events: it would listen to a session, go away at once and so give up its photos.
        let is_read = is_get || request.method == Method::HEAD;
        let is_post = request.method == Method::POST;
        let root = || http::root(&request.headers);
        let not_found = || Refusal::NotFound(request.method.clone(), request.uri.clone());

        let Some(route) = path.strip_prefix(PREFIX) else {
            return match path.trim_end_matches('/') {
                "" if is_read => Ok(GREETING.into_response()),
                "/config" if is_read => Ok(Json(gradio::config(&root(), &self.id)).into_response()),
                _ => Err(not_found()),
            };
        };
        if let Some(path) = route.strip_prefix("/file=")
            && is_read
        {
            let file = self.store.get(path).ok_or(Refusal::Gone)?;
            let headers = [(CONTENT_TYPE, content_type(&file))];
            return Ok((headers, Bytes::from_owner(file)).into_response());
        }
        let segments: Vec<&str> = route.split('/').filter(|part| !part.is_empty()).collect();
        let answer = match segments[..] {
            ["info"] if is_read => gradio::info(),
            ["app_id"] if is_read => json!({"app_id": self.id}),
            ["upload"] if is_post => self.upload(request, body).await?,
            ["call", name] if is_post => {
                known_function(name)?;
                let event = self.join(&serde_json::from_slice(&body)?, None, root())?;
                json!({"event_id": event})
            }
            ["call", _, event] if is_get => {
                return Ok(http::events(self.messages(event, Message::for_call)));
            }
            ["run" | "api", name] if is_post => {
                known_function(name)?;
                let event = self.join(&serde_json::from_slice(&body)?, None, root())?;
                self.wait(&event).await?
            }
            ["queue", "join"] if is_post => {
                let call: Call = serde_json::from_slice(&body)?;
                if call.fn_index.is_some_and(|index| index != FUNCTION_INDEX) {
                    return Err(Refusal::UnknownFunction);
                }
                let session = call.session_hash.clone();
                let session = session.ok_or(Refusal::NoSessionHash)?;
                let event = self.join(&call, Some(session), root())?;
                json!({"event_id": event})
            }
            ["queue", "data"] if is_get => {
                let query = request.uri.query().unwrap_or_default();
                let session = http::parameter(query, "session_hash");
                let session = session.ok_or(Refusal::NoSession)?;
                let words = |message: &Message| Some(message.for_session());
                return Ok(http::events(self.messages(&session, words)));
            }
            ["queue", "status"] if is_read => json!({
                "msg": "estimation", "event_id": null, "rank": null, "queue_size": self.queue.len(), "rank_eta": null,
            }),
            ["heartbeat", _] if is_get => return Ok(http::events(signs_of_life())),
            ["cancel" | "reset"] if is_post => {
                let Cancel { event_id } = serde_json::from_slice(&body)?;
                self.queue.cancel(&event_id.unwrap_or_default());
                json!({"success": true})
            }
            _ => return Err(not_found()),
        };
        Ok(Json(answer).into_response())
    }

    /// Keeps the files of a form and tells their paths.
    async fn upload(&self, request: &Parts, form: Bytes) -> Result<Value, Refusal> {
        let content_type = http::text(&request.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        let boundary = multer::parse_boundary(content_type)?;
        let whole = stream::once(Ok::<_, Infallible>(form));
        let mut form = multer::Multipart::new(whole, boundary);
        let mut paths = Vec::new();
        while let Some(field) = form.next_field().await? {
            if field.name() != Some("files") {
                continue;
            }
            let name = field.file_name().unwrap_or_default().to_owned();
            let file = field.bytes().await?;
            paths.push(self.store.put(name::of_file(&name)?, &file)?);
        }
        if paths.is_empty() {
            return Err(Refusal::NoFile);
        }
        Ok(json!(paths))
    }

    fn join(&self, call: &Call, session: Option<String>, root: String) -> Result<String, Refusal> {
        let photo = input::photo(&call.data, &self.store);
        Ok(self.queue.join(session, photo, root)?)
    }

    /// The answer of an event, for callers who wait on one connection.
    async fn wait(&self, event: &str) -> Result<Value, Refusal> {
        let mut listener = self.listen(event);
        while let Some(message) = listener.next_message().await {
            if let Message::ProcessCompleted { result, .. } = message {
                let mask = result.map_err(Refusal::NoMask)?;
                return Ok(json!({"data": [mask], "is_generating": false}));
            }
        }
        Err(Refusal::GivenUp)
    }

    /// A session's messages, each as `words` puts it.
    fn messages(
        &self,
        session: &str,
        words: fn(&Message) -> Option<String>,
    ) -> impl Stream<Item = String> + use<> {
        stream::unfold(self.listen(session), |mut listener| async {
            let message = listener.next_message().await?;
            Some((message, listener))
        })
        .filter_map(move |message| words(&message))
    }

    fn listen(&self, session: &str) -> Listener {
        Listener {
            queue: Arc::clone(&self.queue),
            session: session.to_owned(),
            is_told_all: false,
        }
    }
}

/// Who is told of a session. Nothing is worked for a session that nobody listens to any more.
struct Listener {
    queue: Arc<Queue>,
    session: String,
    is_told_all: bool,
}

impl Listener {
    /// None after the last one.
    async fn next_message(&mut self) -> Option<Message> {
        if self.is_told_all {
            return None;
        }
        let message = self.queue.next_message(&self.session).await;
        self.is_told_all = message.is_last();
        Some(message)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if !self.is_told_all {
            self.queue.leave(&self.session);
        }
    }
}

/// One at once, and then so often that a connection is not taken for dead.
fn signs_of_life() -> impl Stream<Item = String> {
    stream::unfold(interval(HEARTBEAT), |mut interval| async {
        interval.tick().await;
        Some(("data: ALIVE\n\n".to_owned(), interval))
    })
}

/// Whether the name is that of the one function there is.
fn known_function(name: &str) -> Result<(), Refusal> {
    if name == FUNCTION {
        Ok(())
    } else {
        Err(Refusal::UnknownFunction)
    }
}

/// Masks are PNGs. Whatever else was uploaded is nothing that a browser should show as a page of this server.
fn content_type(file: &[u8]) -> &'static str {
    if file.starts_with(b"\x89PNG") {
        "image/png"
    } else {
        "application/octet-stream"
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::input::InputError;

    #[test]
    fn who_goes_away_is_not_worked_for() {
        let (queue, store) = (Arc::<Queue>::default(), Arc::<Store>::default());
        let listener = (Ipv4Addr::LOCALHOST, 7860).into();
        let app = App::new(Arc::clone(&queue), store, listener).unwrap();
        let photo = || Err(InputError::Missing);
        let session = Some("mine".to_owned());
        queue.join(session, photo(), String::new()).unwrap();
        let mut messages = Box::pin(app.messages("mine", |message| Some(message.for_session())));
        let first = pollster::block_on(messages.next()).unwrap();
        assert!(first.contains("estimation"), "{first}");
        assert_eq!(queue.len(), 1);
        drop(messages);
        assert_eq!(queue.len(), 0);
    }
}
