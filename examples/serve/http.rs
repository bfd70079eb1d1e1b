//! What HTTP asks for around the routes: bodies within limits, addresses, other origins, streams of events.

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, CACHE_CONTROL, CONTENT_TYPE, HOST,
    HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use axum::response::{IntoResponse as _, Response};
use futures_lite::{Stream, StreamExt as _};
use percent_encoding::percent_decode_str;
use thiserror::Error;

use crate::store::MAX_FILE;

/// The most bytes of a request: the largest file within JSON (Base64: 4 bytes for 3), and what is around it.
const MAX_BODY: usize = MAX_FILE / 3 * 4 + (1 << 20);

/// The most bytes of a request that are read at all.
const MAX_READ: usize = 1 << 30;

/// Why there is no body.
#[derive(Debug, Error)]
pub(crate) enum BodyError {
    #[error(
        "The request is too large: a photo may have {} MB. Make it smaller or cut out the part that matters.",
        MAX_FILE >> 20
    )]
    TooLarge,
    #[error("The request broke off: {0}. Send it again.")]
    BrokenOff(#[from] axum::Error),
}

/// The whole body. What is too large is read to its end all the same, unless it is far too large, since callers look at
/// the answer only when they have sent all.
pub(crate) async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes, BodyError> {
    let announced = text(headers, "content-length").and_then(|length| length.parse().ok());
    if announced.is_some_and(|announced: usize| announced > MAX_READ) {
        return Err(BodyError::TooLarge);
    }
    let (mut whole, mut length) = (Vec::new(), 0);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        length += piece.len();
        if length > MAX_READ {
            break;
        }
        if length <= MAX_BODY {
            whole.extend_from_slice(&piece);
        }
    }
    if length > MAX_BODY {
        return Err(BodyError::TooLarge);
    }
    Ok(whole.into())
}

/// A header that is text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Where the caller reaches this server, by its own words or those of a web server in front.
pub(crate) fn root(headers: &HeaderMap) -> String {
    let scheme = match text(headers, "x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    let host = text(headers, HOST.as_str()).unwrap_or("localhost");
    format!("{scheme}://{host}")
}

pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    let mut parameters = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = parameters.find(|(key, _)| *key == name)?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// Lets pages of other origins call this server, by Gradio's rule: a server on the visitor's own computer only answers
/// pages that come from there too.
pub(crate) fn cors(request: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    let Some(origin) = request.get(ORIGIN) else {
        return Vec::new();
    };
    let is_local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0");
    let own = without_port(text(request, HOST.as_str()).unwrap_or_default());
    let other = origin.to_str().unwrap_or_default().split_once("://");
    let other = without_port(other.map_or("", |(_, host)| host));
    if is_local(own) && !is_local(other) {
        return Vec::new();
    }
    let wanted = request.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    vec![
        (ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
        (
            ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        ),
        (
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, HEAD, OPTIONS, POST"),
        ),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            wanted.unwrap_or(HeaderValue::from_static("Content-Type")),
        ),
        (VARY, HeaderValue::from_static("Origin")),
    ]
}

fn without_port(host: &str) -> &str {
    let end_of_name = host.rfind(']').map_or(0, |bracket| bracket + 1);
    let port = host[end_of_name..].find(':');
    &host[..port.map_or(host.len(), |colon| end_of_name + colon)]
}

/// Server-sent events, each sent as it comes.
pub(crate) fn events(events: impl Stream<Item = String> + Send + 'static) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    let body = Body::from_stream(events.map(Ok::<_, std::convert::Infallible>));
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_ports() {
        for (host, name) in [
            ("localhost", "localhost"),
            ("127.0.0.1:7860", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("[::1]:7860", "[::1]"),
            ("", ""),
        ] {
            assert_eq!(without_port(host), name);
        }
    }

    #[test]
    fn parameters_are_found_and_decoded() {
        let query = "a=1&session_hash=k%C3%B6ln&b";
        assert_eq!(parameter(query, "session_hash").as_deref(), Some("köln"));
        assert_eq!(parameter(query, "b"), None);
    }
}
