//! What Gradio 5 and its clients say to each other: shapes of JSON, nothing else.
//!
//! They follow what gradio 5.44.1 answers for `gr.Interface(predict, gr.Image(), gr.Image())`, as far as a client looks
//! at it.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::name::last_component;
use crate::store::MAX_FILE;

/// The version whose routes are answered; clients choose their protocol by it.
const GRADIO_VERSION: &str = "5.44.1";
/// What all routes but `/config` begin with.
pub(crate) const PREFIX: &str = "/gradio_api";
/// The only function.
pub(crate) const FUNCTION: &str = "predict";
/// Its number, which the clients use instead of its name.
pub(crate) const FUNCTION_INDEX: u64 = 0;

/// Numbers of the two components.
const PHOTO: u32 = 0;
const MASK: u32 = 1;

/// What an address's path may have as it is (RFC 3986, 3.3).
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// `/config`: what the app is made of.
pub(crate) fn config(root: &str, app_id: &str) -> Value {
    let image = |id: u32, label: &str| {
        json!({
            "id": id, "type": "image", "props": {"label": label, "name": "image"}, "skip_api": false, "key": null,
            "api_info": image_schema(""),
        })
    };
    json!({
        "version": GRADIO_VERSION,
        "api_prefix": PREFIX,
        "protocol": "sse_v3",
        "root": root,
        "app_id": app_id,
        "title": "Crack Segmenter",
        "mode": "interface",
        "components": [image(PHOTO, "image"), image(MASK, "output")],
        "dependencies": [{
            "id": FUNCTION_INDEX, "api_name": FUNCTION, "inputs": [PHOTO], "outputs": [MASK], "targets": [],
            "backend_fn": true, "queue": true, "show_api": true, "js": null, "batch": false, "cancels": [],
            "types": {"generator": false, "cancel": false}, "connection": "sse", "rendered_in": null,
        }],
        "enable_queue": true,
        "max_file_size": MAX_FILE,
        // Nothing is kept for a session that its end would free.
        "connect_heartbeat": false,
        "show_error": true,
        "show_api": true,
        "dev_mode": false,
        "is_colab": false,
        "space_id": null,
        "username": null,
    })
}

/// `/gradio_api/info`: how to call the functions.
pub(crate) fn info() -> Value {
    const INPUT: &str =
        "For input, either path or url must be provided. For output, path is always provided.";
    const PYTHON_TYPE: &str = "dict(path: str | None (Path to a local file), \
        url: str | None (Publicly available url or base64 encoded image), size: int | None (Size of image in bytes), \
        orig_name: str | None (Original filename), mime_type: str | None (mime type of image), \
        is_stream: bool (Can always be set to False), meta: dict(str, Any))";
    json!({
        "named_endpoints": {
            (format!("/{FUNCTION}")): {
                "parameters": [{
                    "label": "image", "parameter_name": "image", "parameter_has_default": false,
                    "parameter_default": null, "type": image_schema(INPUT),
                    "python_type": {"type": PYTHON_TYPE, "description": INPUT}, "component": "Image",
                    "example_input": {
                        "path": "wall.jpg", "orig_name": "wall.jpg", "meta": {"_type": FILE_TYPE},
                    },
                }],
                "returns": [{
                    "label": "output", "type": image_schema(INPUT),
                    "python_type": {"type": PYTHON_TYPE, "description": ""}, "component": "Image",
                }],
                "show_api": true,
                "description": "Finds the cracks in a photo of concrete: a mask, 255 where there is one and 0 elsewhere.",
            },
        },
        "unnamed_endpoints": {},
    })
}

/// [`FileData`] as a JSON schema.
fn image_schema(description: &str) -> Value {
    let or_null = |kind: &str, title: &str, description: &str| {
        json!({
            "anyOf": [{"type": kind}, {"type": "null"}], "default": null, "title": title, "description": description,
        })
    };
    json!({
        "title": "ImageData",
        "type": "object",
        "properties": {
            "path": or_null("string", "Path", "Path to a local file"),
            "url": or_null("string", "Url", "Publicly available url or base64 encoded image"),
            "size": or_null("integer", "Size", "Size of image in bytes"),
            "orig_name": or_null("string", "Orig Name", "Original filename"),
            "mime_type": or_null("string", "Mime Type", "mime type of image"),
            "is_stream": {
                "type": "boolean", "default": false, "title": "Is Stream", "description": "Can always be set to False",
            },
            "meta": {
                "type": "object", "additionalProperties": true, "title": "Meta", "default": {"_type": FILE_TYPE},
            },
        },
        "additional_description": description,
    })
}

/// How clients recognise a file in the data.
const FILE_TYPE: &str = "gradio.FileData";

/// A file as it stands in the data.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct FileData {
    pub(crate) path: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) orig_name: Option<String>,
}

impl FileData {
    /// The file that is kept at `path`, for a caller who reaches this server at `root`.
    pub(crate) fn kept(root: &str, path: &str) -> Value {
        let encoded = utf8_percent_encode(path, PATH);
        json!({
            "path": path, "url": format!("{root}{PREFIX}/file={encoded}"), "orig_name": last_component(path),
            "size": null, "mime_type": "image/png", "is_stream": false, "meta": {"_type": FILE_TYPE},
        })
    }
}

/// What a caller sends for the function's arguments, of which there is one: that is kept as it came, the others are counted.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    pub(crate) first: Option<Box<RawValue>>,
    pub(crate) count: usize,
}

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfList;
        impl<'de> Visitor<'de> for OfList {
            type Value = Inputs;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Inputs, A::Error> {
                let first = list.next_element()?;
                let mut count = usize::from(first.is_some());
                while list.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Inputs { first, count })
            }
        }
        deserializer.deserialize_seq(OfList)
    }
}

/// `POST /gradio_api/queue/join` and `POST /gradio_api/call/predict`.
#[derive(Debug, Deserialize)]
pub(crate) struct Call {
    pub(crate) data: Inputs,
    #[serde(default)]
    pub(crate) fn_index: Option<u64>,
    #[serde(default)]
    pub(crate) session_hash: Option<String>,
}

/// `POST /gradio_api/cancel` and `POST /gradio_api/reset`.
#[derive(Debug, Deserialize)]
pub(crate) struct Cancel {
    #[serde(default)]
    pub(crate) event_id: Option<String>,
}

/// What a caller is told about the events of its session.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    /// It waits, behind `rank` others.
    Estimation {
        event: String,
        rank: usize,
        queue_size: usize,
    },
    /// Its turn.
    ProcessStarts { event: String },
    /// Done: the mask, as [`FileData`], or what went wrong.
    ProcessCompleted {
        event: String,
        result: Result<Value, String>,
    },
    /// As the caller wished.
    Cancelled { event: String },
    /// Still there.
    Heartbeat,
    /// Nothing more will come; the last message.
    CloseStream,
    /// There is no such session; the last message.
    UnknownSession,
}

/// An error's text, and how a page shows it.
fn error(text: &str) -> Value {
    json!({"error": text, "title": "Error", "visible": true, "duration": 10})
}

const UNKNOWN_SESSION: &str = "Nothing is waiting for you here: the event is unknown, or its answer was already given. \
    Send the photo again.";

impl Message {
    /// Whether the stream ends here.
    pub(crate) fn is_last(&self) -> bool {
        matches!(self, Self::CloseStream | Self::UnknownSession)
    }

    /// In `GET /gradio_api/queue/data`.
    pub(crate) fn for_session(&self) -> String {
        let message = match self {
            Self::Estimation {
                event,
                rank,
                queue_size,
            } => json!({
                "msg": "estimation", "event_id": event, "rank": rank, "queue_size": queue_size, "rank_eta": null,
            }),
            Self::ProcessStarts { event } => {
                json!({"msg": "process_starts", "event_id": event, "eta": null})
            }
            Self::ProcessCompleted {
                event,
                result: Ok(mask),
            } => json!({
                "msg": "process_completed", "event_id": event, "success": true, "title": null,
                "output": {"data": [mask], "is_generating": false},
            }),
            Self::ProcessCompleted {
                event,
                result: Err(text),
            } => json!({
                "msg": "process_completed", "event_id": event, "success": false, "title": "Error",
                "output": error(text),
            }),
            Self::Cancelled { event } => json!({
                "msg": "process_completed", "event_id": event, "success": true, "title": null, "output": {},
            }),
            Self::Heartbeat => json!({"msg": "heartbeat", "event_id": null}),
            Self::CloseStream => json!({"msg": "close_stream", "event_id": null}),
            Self::UnknownSession => json!({
                "msg": "unexpected_error", "event_id": null, "message": UNKNOWN_SESSION, "session_not_found": true,
                "success": false,
            }),
        };
        format!("data: {message}\n\n")
    }

    /// In `GET /gradio_api/call/predict/EVENT`, which leaves out what is not the answer.
    pub(crate) fn for_call(&self) -> Option<String> {
        let (event, data) = match self {
            Self::ProcessCompleted {
                result: Ok(mask), ..
            } => ("complete", json!([mask])),
            Self::ProcessCompleted {
                result: Err(text), ..
            } => ("error", error(text)),
            Self::Cancelled { .. } => ("complete", Value::Null),
            Self::Heartbeat => ("heartbeat", Value::Null),
            Self::UnknownSession => ("error", error(UNKNOWN_SESSION)),
            Self::Estimation { .. } | Self::ProcessStarts { .. } | Self::CloseStream => {
                return None;
            }
        };
        Some(format!("event: {event}\ndata: {data}\n\n"))
    }
}
