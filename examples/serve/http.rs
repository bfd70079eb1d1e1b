//! What HTTP asks for around the routes: bodies within limits, addresses, other origins, streams of events.

use std::net::{IpAddr, SocketAddr};

use axum::body::{Body, Bytes};
use axum::http::Uri;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, CACHE_CONTROL, CONTENT_TYPE, HOST,
    HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use axum::response::{IntoResponse as _, Response};
use futures_lite::{Stream, StreamExt as _};
use thiserror::Error;

use crate::store::MAX_FILE;

/// The most bytes of a request: the largest file within JSON (Base64: 4 bytes for 3), and what is around it.
const MAX_BODY: usize = MAX_FILE / 3 * 4 + (1 << 20);

/// The most bytes of a request that are read at all.
const MAX_READ: usize = 1 << 30;

/// The most bytes of a host with its port: no name on the Internet has more (RFC 1035, 2.3.4).
const MAX_HOST: usize = 255 + ":65535".len();

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

/// Where the caller reaches this server, by its own words or those of a web server in front. It is kept with each answer, so
/// its length has a limit too.
pub(crate) fn root(headers: &HeaderMap) -> String {
    let scheme = match text(headers, "x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    let host = text(headers, HOST.as_str()).filter(|host| host.len() <= MAX_HOST);
    let host = host.unwrap_or("localhost");
    format!("{scheme}://{host}")
}

pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    let (_, value) = parameters.find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

/// A page that may not call this server.
#[derive(Debug, Error)]
#[error(
    "Only pages of this computer may call this server, not those of {0}. \
     If there is a web server in front, let it pass on the Host that it was called by."
)]
pub(crate) struct OtherSite(String);

/// Lets pages of other origins call this server, by Gradio's rule: a server on the visitor's own computer only answers
/// pages that come from there too. Others are refused, not only kept from the answer as by Gradio: sent is as good as done.
pub(crate) fn cors(
    request: &HeaderMap,
    listener: SocketAddr,
) -> Result<Vec<(HeaderName, HeaderValue)>, OtherSite> {
    let Some(origin) = request.get(ORIGIN) else {
        return Ok(Vec::new());
    };
    let uri = |header: HeaderName| text(request, header.as_str())?.parse::<Uri>().ok();
    // Any site can make its name point to this computer, but then calls this very port; who comes through a web server in
    // front calls that one's.
    let is_own_port =
        |uri: &Uri| listener.ip().is_loopback() && uri.port_u16().unwrap_or(80) == listener.port();
    let is_own = uri(HOST).is_none_or(|host| is_local(&host) || is_own_port(&host));
    if is_own && !uri(ORIGIN).is_some_and(|other| is_local(&other)) {
        let other = String::from_utf8_lossy(origin.as_bytes());
        return Err(OtherSite(other.into_owned()));
    }
    let wanted = request.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    Ok(vec![
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
    ])
}

/// Whether an address is of the computer that asks for it.
fn is_local(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let number = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost")
        || number.is_ok_and(|number| number.is_loopback() || number.is_unspecified())
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
    fn this_computers_addresses_are_told_from_others() {
        for (address, expected) in [
            ("localhost", true),
            ("LOCALHOST:7860", true),
            ("127.0.0.1:7860", true),
            ("127.0.0.2", true),
            ("0.0.0.0:7860", true),
            ("[::1]", true),
            ("[::1]:7860", true),
            ("http://localhost:3000", true),
            ("https://[::1]", true),
            ("null", false),
            ("192.168.0.1:7860", false),
            ("localhost.example.com", false),
            ("https://127.0.0.1.example.com", false),
        ] {
            let uri = Uri::from_static(address);
            assert_eq!(is_local(&uri), expected, "{address}");
        }
    }

    #[test]
    fn parameters_are_found_and_decoded() {
        let query = "a=1&session_hash=k%C3%B6ln+am+Rhein&b=";
        let session = parameter(query, "session_hash");
        assert_eq!(session.as_deref(), Some("köln am Rhein"));
        assert_eq!(parameter(query, "c"), None);
    }
}
