//! Everything that a run needs: the app, the peers, photos, weights, and a site of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use xtask::space;

use super::Options;
use crate::tools::{self, Tool};
use crate::{cargo, dist, run};

/// What of onnxruntime-web the pages load, and its program.
const ONNX_FILES: [&str; 6] = [
    "ort.wasm.bundle.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort.webgpu.bundle.min.mjs",
    "ort-wasm-simd-threaded.asyncify.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
];

/// The photos: name, seed, width, height. Of the first two all contenders get the same pixels: one tile of 256x256, and what
/// makes eight of them.
const PHOTOS: [(&str, u64, u32, u32); 3] = [
    ("tile", 5, 256, 256),
    ("eight", 6, 1024, 512),
    ("large", 7, 4000, 3000),
];

/// What was prepared.
pub(super) struct Prepared {
    /// Where everything lies, outside of the repository's own files.
    pub(super) folder: PathBuf,
    /// What the browser is shown.
    pub(super) site: PathBuf,
    /// Weights, models and grey tiles.
    pub(super) models: PathBuf,
    /// A Python with the packages of `benches/requirements.txt`.
    pub(super) python: PathBuf,
    /// The scripts.
    pub(super) benches: PathBuf,
    /// The version of onnxruntime-web.
    pub(super) onnx_version: String,
}

impl Prepared {
    pub(super) fn new(root: &Path, options: &Options) -> Result<Self> {
        tools::ensure(&[Tool::Chromium, Tool::ChromeDriver, Tool::Npm, Tool::Python])?;
        let app = match &options.dist {
            Some(dist) => dist.clone(),
            None => {
                tools::ensure(tools::BUILD)?;
                dist::build(&dist::Options::default())?;
                dist::DIST.into()
            }
        };
        let folder = root.join(dist::target()).join("bench");
        let prepared = Self {
            site: folder.join("site"),
            models: folder.join("models"),
            python: folder.join("python/bin/python"),
            benches: root.join("benches"),
            onnx_version: String::new(),
            folder,
        };
        prepared.install_python()?;
        prepared.make_models()?;
        let onnx_version = prepared.make_site(&app)?;
        Ok(Self {
            onnx_version,
            ..prepared
        })
    }

    /// Once for each list of packages. Packages that the system has are taken from there.
    fn install_python(&self) -> Result<()> {
        let requirements = self.benches.join("requirements.txt");
        let wanted = fs::read_to_string(&requirements)?;
        let installed = self.folder.join("python/installed.txt");
        if fs::read_to_string(&installed).is_ok_and(|list| list == wanted) {
            return Ok(());
        }
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear", "--system-site-packages"])
            .arg(self.folder.join("python"));
        run(venv)?;
        let mut pip = Command::new(&self.python);
        pip.args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(requirements);
        run(pip)?;
        Ok(fs::write(installed, wanted)?)
    }

    fn photo(&self, name: &str) -> PathBuf {
        self.folder.join("photos").join(format!("{name}.png"))
    }

    fn make_models(&self) -> Result<()> {
        fs::create_dir_all(self.folder.join("photos"))?;
        fs::create_dir_all(&self.models)?;
        for (name, seed, width, height) in PHOTOS {
            let made = self.folder.join("generated");
            let mut generate = cargo("run --quiet --release --example generate -- --count 1");
            generate
                .args(["--seed", &seed.to_string()])
                .args(["--width", &width.to_string()])
                .args(["--height", &height.to_string()])
                .arg("--out")
                .arg(&made);
            run(generate)?;
            fs::copy(made.join(format!("{seed:06}.png")), self.photo(name))?;
        }
        let lite = self.folder.join("lite.safetensors");
        let mut convert = cargo("run --quiet --release --example convert -- weights/lite.bpk");
        // What is compared is the network: all are given the photo as it is, once.
        convert
            .arg(&lite)
            .args(["--f16", "--levels", "as-taken", "--scales", "one"]);
        run(convert)?;

        let mut models = self.script("models.py");
        models.arg(&self.models).arg(&lite);
        models.args([self.photo("tile"), self.photo("eight")]);
        run(models)
    }

    /// Assembles the site; gives the version of onnxruntime-web in it.
    fn make_site(&self, app: &Path) -> Result<String> {
        let npm_folder = self.folder.join("npm");
        fs::create_dir_all(&npm_folder)?;
        fs::copy(
            self.benches.join("package.json"),
            npm_folder.join("package.json"),
        )?;
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
        ])
        .current_dir(&npm_folder);
        run(npm)?;
        let package = npm_folder.join("node_modules/onnxruntime-web");

        // Nothing of an earlier build may be left.
        if self.site.exists() {
            fs::remove_dir_all(&self.site)?;
        }
        space::copy(&self.benches.join("site"), &self.site)?;
        ensure!(
            app.join("www/crack-segmenter.js").exists(),
            "{} is no built app: `cargo xtask build` makes one",
            app.display()
        );
        space::copy(app, &self.site.join("dist"))?;
        space::copy(&self.models, &self.site.join("models"))?;
        space::copy(&self.folder.join("photos"), &self.site.join("photos"))?;
        fs::create_dir_all(self.site.join("ort"))?;
        for file in ONNX_FILES {
            fs::copy(
                package.join("dist").join(file),
                self.site.join("ort").join(file),
            )
            .with_context(|| file.to_owned())?;
        }
        dist::compress(&self.site)?;

        let about = fs::read_to_string(package.join("package.json"))?;
        let about: serde_json::Value = serde_json::from_str(&about)?;
        let version = about["version"].as_str();
        Ok(version.context("a package has a version")?.to_owned())
    }

    /// One of the scripts in `benches/`, to be run.
    pub(super) fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        // Without its compiled form beside it, and without the exporter's warnings.
        command
            .args(["-B", "-W", "ignore"])
            .arg(self.benches.join(name));
        command
    }
}
