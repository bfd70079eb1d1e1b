//! A static file server that is stricter than most hosts.
//!
//! What runs on it runs anywhere: it sends a Content-Security-Policy that allows nothing from elsewhere, refuses to
//! guess file types, and can serve under a path of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result};
use tiny_http::{Header, Method, Request, Response, StatusCode};

/// Allows this server's files, and images that the page itself made; no other host, no inline script.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    img-src 'self' blob: data:; object-src 'none'; base-uri 'self'; form-action 'none'";

/// As many files as a browser asks for at once.
const WORKERS: usize = 6;

/// Is told of files.
pub type OnFile = Box<dyn Fn(&Path) + Send + Sync>;

/// What a server does beside the usual.
#[derive(Default)]
pub struct Extras {
    /// Names and values of headers that every file comes with.
    pub headers: &'static [(&'static str, &'static str)],
    /// Is told of each file that is asked for, before it is sent.
    pub on_file: Option<OnFile>,
}

/// A running server. It stops when dropped.
pub struct Server {
    http: Arc<tiny_http::Server>,
    workers: Vec<JoinHandle<()>>,
    url: String,
}

impl Server {
    /// Serves the files under `root` on this machine only, at `prefix` (`/`, or a path that begins and ends with a
    /// slash). Port 0 takes any free port.
    pub fn start(root: &Path, prefix: &str, port: u16) -> Result<Self> {
        Self::start_with(root, prefix, port, Extras::default())
    }

    /// The same with `extras`.
    pub fn start_with(root: &Path, prefix: &str, port: u16, extras: Extras) -> Result<Self> {
        let root = root.canonicalize().with_context(|| {
            format!(
                "{} is not there: run `cargo xtask build` first",
                root.display()
            )
        })?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let http = tiny_http::Server::http(address)
            .map_err(|error| anyhow::anyhow!("{error}"))
            .with_context(|| format!("port {port} can't be had: choose another by --port"))?;
        let port = http
            .server_addr()
            .to_ip()
            .map_or(port, |address| address.port());
        let http = Arc::new(http);
        let site = Arc::new(Site {
            root,
            prefix: prefix.to_owned(),
            extras,
        });
        let workers = (0..WORKERS)
            .map(|_| {
                let (http, site) = (Arc::clone(&http), Arc::clone(&site));
                thread::spawn(move || {
                    while let Ok(request) = http.recv() {
                        // The browser may have gone away; that is its business.
                        let _ = site.answer(request);
                    }
                })
            })
            .collect();
        Ok(Self {
            http,
            workers,
            url: format!("http://127.0.0.1:{port}{prefix}"),
        })
    }

    /// Where the site's first page is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until the program is stopped.
    pub fn run(mut self) {
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for _ in &self.workers {
            self.http.unblock();
        }
    }
}

struct Site {
    root: PathBuf,
    prefix: String,
    extras: Extras,
}

/// The forms of a file that may lie beside it, compressed beforehand, the smallest first: content coding and what its name
/// ends with.
pub const COMPRESSED: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

impl Site {
    fn answer(&self, request: Request) -> io::Result<()> {
        if !matches!(request.method(), Method::Get | Method::Head) {
            return request.respond(Response::empty(StatusCode(405)));
        }
        let Some(path) = self.locate(request.url()) else {
            return request.respond(Response::from_string("not found\n").with_status_code(404));
        };
        if let Some(on_file) = &self.extras.on_file {
            on_file(&path);
        }
        let compressed = COMPRESSED.iter().find_map(|(coding, ending)| {
            let file = std::fs::File::open(format!("{}.{ending}", path.display())).ok()?;
            accepts(&request, coding).then_some((file, *coding))
        });
        let (file, coding) = match compressed {
            Some((file, coding)) => (file, Some(("Content-Encoding", coding))),
            None => (std::fs::File::open(&path)?, None),
        };
        let mut response = Response::from_file(file)
            // With its length in front of every file, so that the page can show how far a download is.
            .with_chunked_threshold(usize::MAX);
        for (name, value) in [
            ("Content-Type", content_type(&path)),
            ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-cache"),
            // Other pages may have the element from here.
            ("Access-Control-Allow-Origin", "*"),
        ]
        .into_iter()
        .chain(coding)
        .chain(self.extras.headers.iter().copied())
        {
            response.add_header(
                Header::from_bytes(name, value).map_err(|()| io::ErrorKind::InvalidData)?,
            );
        }
        request.respond(response)
    }

    /// The file that an address means, if it is one of the site's. Escapes stay as they are: the site's names have none.
    fn locate(&self, url: &str) -> Option<PathBuf> {
        let path = url.split(['?', '#']).next()?.strip_prefix(&self.prefix)?;
        let mut file = self.root.join(path);
        if path.is_empty() || path.ends_with('/') {
            file.push("index.html");
        }
        // Resolved before it is compared, so neither `..` nor an absolute path nor a link leads out.
        let file = file.canonicalize().ok()?;
        (file.starts_with(&self.root) && file.is_file()).then_some(file)
    }
}

/// Whether a browser takes a content coding.
fn accepts(request: &Request, coding: &str) -> bool {
    request
        .headers()
        .iter()
        .filter(|header| header.field.equiv("Accept-Encoding"))
        .flat_map(|header| header.value.as_str().split(','))
        .any(|accepted| {
            accepted
                .split(';')
                .next()
                .is_some_and(|name| name.trim() == coding)
        })
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    /// A folder with a `site` of three files, and a file beside it that is none of the server's business.
    fn folder(name: &str) -> io::Result<PathBuf> {
        let name = format!("xtask-server-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let root = folder.join("site");
        fs::create_dir_all(root.join("sub"))?;
        fs::write(folder.join("secret.txt"), "secret")?;
        fs::write(root.join("index.html"), "<p>first page")?;
        fs::write(root.join("app.wasm"), vec![0; 100_000])?;
        fs::write(root.join("sub/index.html"), "<p>second page")?;
        Ok(folder)
    }

    /// The answer as it comes over the wire: a browser would tidy the address before it asks.
    fn ask(server: &Server, method: &str, path: &str) -> Result<String> {
        let host = server
            .url()
            .split('/')
            .nth(2)
            .context("the server has an address")?;
        let mut stream = TcpStream::connect(host)?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    #[test]
    fn files_come_with_type_length_and_policy() -> Result<()> {
        let folder = folder("files")?;
        let server = Server::start(&folder.join("site"), "/", 0)?;
        assert!(ask(&server, "GET", "/")?.ends_with("<p>first page"));
        assert!(ask(&server, "GET", "/?a=b")?.ends_with("<p>first page"));
        assert!(ask(&server, "GET", "/sub/")?.ends_with("<p>second page"));
        let answer = ask(&server, "HEAD", "/app.wasm")?;
        for header in [
            "200 OK",
            "application/wasm",
            "Content-Length: 100000",
            "default-src 'self'",
            "no-cache",
        ] {
            assert!(answer.contains(header), "{header} is missing in {answer}");
        }
        Ok(fs::remove_dir_all(folder)?)
    }

    #[test]
    fn nothing_else_is_served() -> Result<()> {
        let folder = folder("else")?;
        let server = Server::start(&folder.join("site"), "/", 0)?;
        let secret = folder.join("secret.txt").canonicalize()?;
        for path in [
            "/missing",
            "/sub",
            "/../secret.txt",
            "/sub/../../secret.txt",
            "/%2e%2e/secret.txt",
        ] {
            assert!(
                ask(&server, "GET", path)?.starts_with("HTTP/1.1 404"),
                "{path}"
            );
        }
        assert!(
            ask(&server, "GET", &format!("/{}", secret.display()))?.starts_with("HTTP/1.1 404")
        );
        assert!(ask(&server, "POST", "/")?.starts_with("HTTP/1.1 405"));
        Ok(fs::remove_dir_all(folder)?)
    }

    #[test]
    fn what_lies_compressed_beside_a_file_is_sent_to_who_takes_it() -> Result<()> {
        let folder = folder("compressed")?;
        let site = folder.join("site");
        fs::write(site.join("app.wasm.br"), "small")?;
        let (told, files) = std::sync::mpsc::channel();
        let extras = Extras {
            headers: &[("X-Extra", "yes")],
            on_file: Some(Box::new(move |file| drop(told.send(file.to_owned())))),
        };
        let server = Server::start_with(&site, "/", 0, extras)?;
        let plain = ask(&server, "GET", "/app.wasm")?;
        assert!(plain.contains("Content-Length: 100000") && plain.contains("X-Extra: yes"));
        let accepting = "/app.wasm HTTP/1.1\r\nAccept-Encoding: gzip, br;q=1\r\nX-Rest:";
        let answer = ask(&server, "GET", accepting)?;
        assert!(answer.ends_with("\r\n\r\nsmall"), "{answer}");
        for header in ["application/wasm", "Content-Encoding: br"] {
            assert!(answer.contains(header), "{header} is missing in {answer}");
        }
        let wasm = site.join("app.wasm").canonicalize()?;
        assert_eq!(files.try_iter().collect::<Vec<_>>(), [&*wasm, &*wasm]);
        Ok(fs::remove_dir_all(folder)?)
    }

    #[test]
    fn a_site_can_live_under_a_path() -> Result<()> {
        let folder = folder("path")?;
        let server = Server::start(&folder.join("site"), "/some/where/", 0)?;
        assert!(server.url().ends_with("/some/where/"));
        assert!(ask(&server, "GET", "/some/where/")?.ends_with("<p>first page"));
        assert!(ask(&server, "GET", "/index.html")?.starts_with("HTTP/1.1 404"));
        Ok(fs::remove_dir_all(folder)?)
    }
}
