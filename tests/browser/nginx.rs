//! An nginx that hosts by the recipe in tests/hosting.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// How long nginx may take to start, and a server to answer, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// An nginx of this test's own. It ends when dropped.
pub(crate) struct Nginx {
    process: Child,
    pub(crate) url: String,
}

impl Nginx {
    /// Serves `site` by the recipe, with only its port and its folder changed.
    pub(crate) fn start(site: &Path) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nginx-{port}"));
        fs::create_dir_all(&folder)?;
        let recipe = fs::read_to_string(Path::new(ROOT).join("tests/hosting/nginx.conf"))?;
        let recipe = replaced(
            &recipe,
            "listen 8080;",
            &format!("listen 127.0.0.1:{port};"),
        )?;
        let root = format!("root {};", site.display());
        let recipe = replaced(&recipe, "root /srv/crack-segmenter;", &root)?;
        let at = |name: &str| folder.join(name).display().to_string();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};\n", at(kind)))
            .concat();
        let conf: PathBuf = folder.join("nginx.conf");
        fs::write(
            &conf,
            format!(
                "daemon off;\nmaster_process off;\npid {};\nerror_log {};\nevents {{}}\n\
                 http {{\naccess_log off;\n{temporary}{recipe}}}\n",
                at("pid"),
                at("error.log")
            ),
        )?;
        let process = Command::new("nginx")
            .arg("-c")
            .arg(&conf)
            .arg("-e")
            .arg(at("error.log"))
            .spawn()
            .context("nginx can't be started: `cargo xtask test` installs it")?;
        let url = format!("http://127.0.0.1:{port}/");
        let mut nginx = Self { process, url };
        // Written once it has the port, which another program may have taken meanwhile, that would answer too.
        let id = nginx.process.id().to_string();
        let has_port =
            || fs::read_to_string(folder.join("pid")).is_ok_and(|written| written.trim() == id);
        let begin = Instant::now();
        while !has_port() || agent().head(&nginx.url).call().is_err() {
            let log = || fs::read_to_string(folder.join("error.log")).unwrap_or_default();
            if let Some(status) = nginx.process.try_wait()? {
                bail!("nginx ended ({status}): {}", log());
            }
            ensure!(
                begin.elapsed() < PATIENCE,
                "nginx does not answer: {}",
                log()
            );
            std::thread::yield_now();
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks without the proxy that this machine may have for the world.
pub(crate) fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .proxy(None)
        .timeout_global(Some(PATIENCE))
        .build()
        .into()
}

fn replaced(text: &str, old: &str, new: &str) -> Result<String> {
    ensure!(
        text.matches(old).count() == 1,
        "the recipe has no single `{old}`"
    );
    Ok(text.replace(old, new))
}
