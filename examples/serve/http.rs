//! What HTTP asks for around the routes: bodies within limits, addresses, other origins, answers whole and in pieces.

use std::io::{self, Read, Write};

use percent_encoding::percent_decode_str;
use serde_json::Value;
use tiny_http::{Header, Request, Response};

use crate::store::MAX_FILE;

/// The most bytes of a request: the largest file within JSON (Base64: 4 bytes for 3), and what is around it.
const MAX_BODY: usize = MAX_FILE / 3 * 4 + (1 << 20);

/// The most bytes that a request may announce to be read at all. What tiny_http has not read of a request when the caller
/// goes away, it sets aside memory for, however much it is.
pub(crate) const MAX_ANNOUNCED: usize = 1 << 30;

pub(crate) fn too_large() -> String {
    format!(
        "The request is too large: a photo may have {} MB. Make it smaller or cut out the part that matters.",
        MAX_FILE >> 20
    )
}

/// Answers a request that announces more than [`MAX_ANNOUNCED`]. This is tiny_http's only way to answer that leaves the
/// body alone; the rest of the connection is then given up as it is, which costs a thread.
pub(crate) fn refuse_unread(request: Request) {
    let response = Response::from_string(too_large()).with_status_code(413);
    std::mem::forget(request.upgrade("HTTP/1.1", response));
}

/// The whole body; none if it is too large. It is read to its end in any case, since callers look at the answer only
/// when they have sent all.
pub(crate) fn read_body(request: &mut Request) -> io::Result<Option<Vec<u8>>> {
    let announced = request.body_length();
    let reader = request.as_reader();
    let mut body = Vec::new();
    reader.take(MAX_BODY as u64 + 1).read_to_end(&mut body)?;
    let length = body.len() as u64 + io::copy(reader, &mut io::sink())?;
    if announced.is_some_and(|announced| length < announced as u64) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok((body.len() <= MAX_BODY).then_some(body))
}

pub(crate) fn header<'a>(request: &'a Request, name: &'static str) -> Option<&'a str> {
    let mut headers = request.headers().iter();
    let header = headers.find(|header| header.field.equiv(name))?;
    Some(header.value.as_str())
}

/// Where the caller reaches this server, by its own words or those of a web server in front.
pub(crate) fn root(request: &Request) -> String {
    let scheme = match header(request, "X-Forwarded-Proto") {
        Some("https") => "https",
        _ => "http",
    };
    let host = header(request, "Host").unwrap_or("localhost");
    format!("{scheme}://{host}")
}

pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    let mut parameters = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = parameters.find(|(key, _)| *key == name)?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// Lets pages of other origins call this server, by Gradio's rule: a server on the visitor's own computer only answers
/// pages that come from there too.
pub(crate) fn cors(request: &Request) -> Vec<Header> {
    let Some(origin) = header(request, "Origin") else {
        return Vec::new();
    };
    let is_local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0");
    let own = without_port(header(request, "Host").unwrap_or_default());
    let other = without_port(origin.split_once("://").map_or("", |(_, host)| host));
    if is_local(own) && !is_local(other) {
        return Vec::new();
    }
    let wanted = header(request, "Access-Control-Request-Headers").unwrap_or("Content-Type");
    [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST"),
        ("Access-Control-Allow-Headers", wanted),
        ("Vary", "Origin"),
    ]
    .into_iter()
    .filter_map(|(name, value)| Header::from_bytes(name, value).ok())
    .collect()
}

fn without_port(host: &str) -> &str {
    let end_of_name = host.rfind(']').map_or(0, |bracket| bracket + 1);
    let port = host[end_of_name..].find(':');
    &host[..port.map_or(host.len(), |colon| end_of_name + colon)]
}

pub(crate) fn respond_json(
    request: Request,
    status: u16,
    value: &Value,
    cors: &[Header],
) -> io::Result<()> {
    let body = value.to_string();
    respond(request, status, "application/json", body.as_bytes(), cors)
}

pub(crate) fn respond(
    request: Request,
    status: u16,
    content_type: &str,
    body: &[u8],
    cors: &[Header],
) -> io::Result<()> {
    let mut response = Response::new(status.into(), cors.to_vec(), body, Some(body.len()), None)
        // With its length in front, whatever it is.
        .with_chunked_threshold(usize::MAX);
    for (name, value) in [
        ("Content-Type", content_type),
        ("X-Content-Type-Options", "nosniff"),
    ] {
        let header = Header::from_bytes(name, value).map_err(|()| io::ErrorKind::InvalidData)?;
        response.add_header(header);
    }
    request.respond(response)
}

/// Server-sent events, each sent at once: tiny_http itself would gather a few thousand bytes first.
pub(crate) struct EventStream {
    to: Box<dyn Write + Send>,
    is_chunked: bool,
}

impl EventStream {
    pub(crate) fn start(request: Request, cors: &[Header]) -> io::Result<Self> {
        // Older callers take what comes until the connection ends.
        let is_chunked = *request.http_version() >= (1, 1);
        let mut to = request.into_writer();
        to.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-store\r\n")?;
        if is_chunked {
            to.write_all(b"Transfer-Encoding: chunked\r\n")?;
        }
        for header in cors {
            write!(to, "{header}\r\n")?;
        }
        to.write_all(b"\r\n")?;
        to.flush()?;
        Ok(Self { to, is_chunked })
    }

    pub(crate) fn send(&mut self, event: &str) -> io::Result<()> {
        if self.is_chunked {
            write!(self.to, "{:x}\r\n{event}\r\n", event.len())?;
        } else {
            self.to.write_all(event.as_bytes())?;
        }
        self.to.flush()
    }

    pub(crate) fn end(mut self) -> io::Result<()> {
        if self.is_chunked {
            self.to.write_all(b"0\r\n\r\n")?;
        }
        self.to.flush()
    }
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
