//! A static file server that is stricter than most hosts.
//!
//! What runs on it runs anywhere: it sends a Content-Security-Policy that allows nothing from elsewhere, refuses to
//! guess file types, and can serve under a path of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{Next, from_fn};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tower_http::services::ServeDir;

/// What every file comes with.
const HEADERS: [(HeaderName, &str); 4] = [
    // Allows this server's files, and images that the page itself made; no other host, no inline script.
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; object-src 'none'; \
         base-uri 'self'; form-action 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CACHE_CONTROL, "no-cache"),
    // Other pages may have the element from here.
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
];

/// Is told of files, by their paths below the site's root.
pub type OnFile = Box<dyn Fn(&str) + Send + Sync>;

/// What a server does beside the usual.
#[derive(Default)]
pub struct Extras {
    /// Names, in lower case, and values of headers that every file comes with.
    pub headers: &'static [(&'static str, &'static str)],
    /// Is told of each file that is asked for, before it is sent.
    pub on_file: Option<OnFile>,
}

/// A running server. It stops when dropped, and its connections end.
pub struct Server {
    /// None once it was stopped.
    runtime: Option<Runtime>,
    url: String,
}

impl Server {
    /// Serves the files under `root` on this machine only, at `prefix` (`/`, or a path that begins and ends with a
    /// slash). Port 0 takes any free port. What lies compressed beside a file is sent to browsers that take it.
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
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("the server can't start")?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .with_context(|| format!("port {port} can't be had: choose another by --port"))?;
        let url = format!("http://{}{prefix}", listener.local_addr()?);
        let site = site(&root, prefix, extras);
        runtime.spawn(async { axum::serve(listener, site).await });
        Ok(Self {
            runtime: Some(runtime),
            url,
        })
    }

    /// Where the site's first page is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until the program is stopped.
    pub fn run(self) {
        if let Some(runtime) = &self.runtime {
            runtime.block_on(std::future::pending::<()>());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn site(root: &Path, prefix: &str, extras: Extras) -> Router {
    let files = ServeDir::new(root)
        .precompressed_br()
        .precompressed_gzip()
        .redirect_path_prefix(prefix.trim_end_matches('/'));
    let extras = Arc::new(extras);
    let site = Router::new().fallback_service(files);
    let site = site.layer(from_fn(move |request: Request, next: Next| {
        let extras = Arc::clone(&extras);
        async move { answer(request, next, &extras).await }
    }));
    if prefix == "/" {
        site
    } else {
        Router::new().nest_service(prefix, site)
    }
}

async fn answer(mut request: Request, next: Next, extras: &Extras) -> axum::response::Response {
    // Dates tell seconds apart. Files may change faster than that, and then they are to be seen.
    request.headers_mut().remove(IF_MODIFIED_SINCE);
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let mut response = next.run(request).await;
    if let Some(on_file) = &extras.on_file
        && response.status().is_success()
    {
        on_file(if path.is_empty() { "index.html" } else { &path });
    }
    let headers = response.headers_mut();
    headers.remove(LAST_MODIFIED);
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in extras.headers {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{self, Read as _, Write as _};
    use std::net::TcpStream;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    /// How long a busy machine may take for an answer.
    const PATIENCE: Duration = Duration::from_secs(30);

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

    fn host(server: &Server) -> Result<&str> {
        let mut parts = server.url().split('/');
        parts.nth(2).context("the server has an address")
    }

    /// The answer as it comes over the wire: a browser would tidy the address before it asks.
    fn ask(server: &Server, method: &str, path: &str) -> Result<String> {
        let host = host(server)?;
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
            "content-length: 100000",
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
            headers: &[("x-extra", "yes")],
            on_file: Some(Box::new(move |file| drop(told.send(file.to_owned())))),
        };
        let server = Server::start_with(&site, "/", 0, extras)?;
        let plain = ask(&server, "GET", "/app.wasm")?;
        assert!(plain.contains("content-length: 100000") && plain.contains("x-extra: yes"));
        let accepting = "/app.wasm HTTP/1.1\r\nAccept-Encoding: gzip, br;q=1\r\nX-Rest:";
        let answer = ask(&server, "GET", accepting)?;
        assert!(answer.ends_with("\r\n\r\nsmall"), "{answer}");
        for header in ["application/wasm", "content-encoding: br"] {
            assert!(answer.contains(header), "{header} is missing in {answer}");
        }
        assert_eq!(files.try_iter().collect::<Vec<_>>(), ["app.wasm"; 2]);
        Ok(fs::remove_dir_all(folder)?)
    }

    /// Browsers open several connections at once, keep them, and ask on any of them.
    #[test]
    fn no_connection_waits_for_another() -> Result<()> {
        let folder = folder("connections")?;
        let server = Server::start(&folder.join("site"), "/", 0)?;
        let host = host(&server)?;
        let streams = (0..32).map(|_| {
            let mut stream = TcpStream::connect(host)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            write!(stream, "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
            Ok(stream)
        });
        for mut stream in streams.collect::<Result<Vec<_>>>()? {
            let mut status = [0; 15];
            stream.read_exact(&mut status)?;
            assert_eq!(&status, b"HTTP/1.1 200 OK");
        }
        Ok(fs::remove_dir_all(folder)?)
    }

    #[test]
    fn a_site_can_live_under_a_path() -> Result<()> {
        let folder = folder("path")?;
        let server = Server::start(&folder.join("site"), "/some/where/", 0)?;
        assert!(server.url().ends_with("/some/where/"));
        assert!(ask(&server, "GET", "/some/where/")?.ends_with("<p>first page"));
        assert!(ask(&server, "GET", "/some/where/sub")?.contains("location: /some/where/sub/\r\n"));
        for path in ["/index.html", "/", "/some/where"] {
            assert!(
                ask(&server, "GET", path)?.starts_with("HTTP/1.1 404"),
                "{path}"
            );
        }
        Ok(fs::remove_dir_all(folder)?)
    }
}
