//! The repository's commands; `cargo xtask help` lists them.

mod bench;
mod dist;
mod steps;
mod tools;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};
use lexopt::{Arg, ValueExt as _};
use xtask::server::Server;
use xtask::{package, space};

use steps::Steps;
use tools::Tool;

const HELP: &str = "\
cargo xtask serve [--port N] [--open]   build the app and serve it on this machine
cargo xtask build [--public-url URL] [--weights NAME]
                                        build the app into dist/, for this address only and to start with these weights
                                        (lite or open), if told so
cargo xtask space [--out DIR]           build the app and make a static Space of it, in space/ if not told otherwise
cargo xtask package [--out DIR]         build the app and make the npm package of it, in package/ if not told otherwise
cargo xtask check                       format, lints, native tests
cargo xtask test                        check, and the app's tests in real browsers
cargo xtask bench [--quick] [--only cpu|webgpu|native|cold] [--rounds N] [--gpu] [--dist DIR]
                                        measure the app beside onnxruntime-web, PyTorch and onnxruntime; --gpu: on this machine's
                                        own GPU, not SwiftShader; --dist: a built app, instead of building one

Tools that are missing are installed.";

/// Where `serve` serves when nothing else is asked for and the port is free.
const USUAL_PORT: u16 = 8080;

enum Task {
    Help,
    Serve {
        port: Option<u16>,
        open: bool,
    },
    Build(dist::Options),
    Space {
        out: Option<PathBuf>,
    },
    Package {
        out: Option<PathBuf>,
    },
    /// What trunk asks for, see Trunk.toml.
    Finish,
    Check,
    Test,
    Bench(bench::Options),
}

fn main() -> ExitCode {
    match parse().and_then(perform) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn parse() -> Result<Task> {
    let mut arguments = lexopt::Parser::from_env();
    let mut task = match arguments.next()? {
        Some(Arg::Value(name)) => match name.string()?.as_str() {
            "serve" => Task::Serve {
                port: None,
                open: false,
            },
            "build" => Task::Build(dist::Options::default()),
            "space" => Task::Space { out: None },
            "package" => Task::Package { out: None },
            "finish" => Task::Finish,
            "check" => Task::Check,
            "test" => Task::Test,
            "bench" => Task::Bench(bench::Options::default()),
            "help" => Task::Help,
            other => bail!("there is no `{other}`\n\n{HELP}"),
        },
        None | Some(Arg::Short('h') | Arg::Long("help")) => Task::Help,
        Some(other) => return Err(other.unexpected().into()),
    };
    while let Some(argument) = arguments.next()? {
        match (&mut task, argument) {
            (Task::Serve { port, .. }, Arg::Long("port")) => {
                *port = Some(arguments.value()?.parse()?);
            }
            (Task::Serve { open, .. }, Arg::Long("open")) => *open = true,
            (Task::Build(options), Arg::Long("public-url")) => {
                options.public_url = Some(arguments.value()?.string()?);
            }
            (Task::Build(options), Arg::Long("weights")) => {
                options.weights = Some(arguments.value()?.string()?);
            }
            (Task::Space { out } | Task::Package { out }, Arg::Long("out")) => {
                *out = Some(std::path::absolute(arguments.value()?)?);
            }
            (Task::Bench(options), Arg::Long("quick")) => options.quick = true,
            (Task::Bench(options), Arg::Long("gpu")) => options.gpu = true,
            (Task::Bench(options), Arg::Long("only")) => {
                options.only = Some(bench::Part::named(&arguments.value()?.string()?)?);
            }
            (Task::Bench(options), Arg::Long("rounds")) => {
                options.rounds = Some(arguments.value()?.parse()?);
            }
            (Task::Bench(options), Arg::Long("dist")) => {
                options.dist = Some(std::path::absolute(arguments.value()?)?);
            }
            (_, Arg::Short('h') | Arg::Long("help")) => task = Task::Help,
            (_, other) => return Err(other.unexpected().into()),
        }
    }
    Ok(task)
}

fn perform(task: Task) -> Result<ExitCode> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
    let root = Path::new(&package)
        .parent()
        .context("xtask/ lies in the repository")?;
    std::env::set_current_dir(root)?;

    match task {
        Task::Help => println!("{HELP}"),
        Task::Serve { port, open } => {
            tools::ensure(tools::BUILD)?;
            dist::build(&dist::Options::default())?;
            serve(port, open)?;
        }
        Task::Build(options) => {
            tools::ensure(tools::BUILD)?;
            dist::build(&options)?;
        }
        Task::Space { out } => {
            tools::ensure(tools::BUILD)?;
            dist::build(&dist::Options::default())?;
            let out = out.unwrap_or_else(|| PathBuf::from("space"));
            space::write(root, Path::new(dist::DIST), &out)?;
            println!("\nmade {}: push what it holds to a Space", out.display());
        }
        Task::Package { out } => {
            tools::ensure(&[tools::BUILD, &[Tool::Npm]].concat())?;
            dist::build(&dist::Options::default())?;
            let out = out.unwrap_or_else(|| PathBuf::from("package"));
            package::write(root, Path::new(dist::DIST), &out)?;
            let mut npm = Command::new("npm");
            npm.arg("pack").current_dir(&out);
            run(npm)?;
            println!(
                "\nmade {}: `npm publish` or `npm install` takes the .tgz in it",
                out.display()
            );
        }
        Task::Finish => {
            let staging = std::env::var_os("TRUNK_STAGING_DIR");
            let staging = staging.context("`finish` is for trunk: use `cargo xtask build`")?;
            dist::finish(Path::new(&staging))?;
        }
        Task::Check => {
            let mut steps = Steps::default();
            steps.run("tools", || tools::ensure(tools::CHECK));
            check(&mut steps);
            return Ok(steps.finish());
        }
        Task::Test => return Ok(test()),
        Task::Bench(options) => bench::run(root, &options)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn serve(port: Option<u16>, open: bool) -> Result<()> {
    let dist = Path::new(dist::DIST);
    let server = match port {
        Some(port) => Server::start(dist, "/", port)?,
        None => Server::start(dist, "/", USUAL_PORT).or_else(|_| Server::start(dist, "/", 0))?,
    };
    println!("\nserving on {}  (Ctrl-C ends it)", server.url());
    if open {
        let opener = match std::env::consts::OS {
            "macos" => "open",
            "windows" => "explorer",
            _ => "xdg-open",
        };
        if let Err(error) = Command::new(opener).arg(server.url()).spawn() {
            eprintln!("no browser could be opened: {opener}: {error}");
        }
    }
    server.run();
    Ok(())
}

/// Everything in the one profile that the app is built with, so that dependencies are compiled once.
fn check(steps: &mut Steps) {
    steps.run("format", || run(cargo("fmt --all --check")));
    steps.run("lints", || {
        run(clippy("--workspace --all-targets"))?;
        // Not among all targets, see Cargo.toml.
        run(clippy("--test browser"))
    });
    steps.run("lints for wasm", || {
        // As trunk builds them, see index.html: with the features of another one, the dependencies would be compiled anew.
        for (features, program) in [("page", "app"), ("engine", "worker"), ("gpu", "gpu-worker")] {
            run(clippy(&format!(
                "--target wasm32-unknown-unknown --no-default-features --features {features} --lib --bin {program}"
            )))?;
        }
        Ok(())
    });
    steps.run("native tests", || run(cargo("test --release --workspace")));
}

fn test() -> ExitCode {
    let mut steps = Steps::default();
    steps.run("tools", || tools::ensure(Tool::ALL));
    check(&mut steps);
    if steps.run("app", || dist::build(&dist::Options::default())) {
        steps.run("browser tests", || {
            run(cargo("test --release --test browser"))
        });
    } else {
        steps.skip("browser tests", "the app was not built");
    }
    steps.finish()
}

/// `cargo clippy`, warnings denied, on top of a build: what `cargo clippy` itself does, except that it only checks the
/// dependencies, which then would have to be gone through once more for the tests.
fn clippy(targets: &str) -> Command {
    let mut command = cargo("build --release");
    command
        .args(targets.split_whitespace())
        .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
        .env("CLIPPY_ARGS", "--deny=warnings__CLIPPY_HACKERY__");
    command
}

/// A cargo command in words without spaces.
fn cargo(words: &str) -> Command {
    let mut command = Command::new("cargo");
    command.args(words.split_whitespace());
    command
}

/// Runs a command to its end, and shows what it is.
fn run(mut command: Command) -> Result<()> {
    let program = command.get_program().to_owned();
    let words: Vec<_> = command
        .get_args()
        .map(|word| word.to_string_lossy())
        .collect();
    let line = format!("{} {}", program.display(), words.join(" "));
    eprintln!("$ {line}");
    let status = command
        .status()
        .with_context(|| format!("`{line}` could not be started"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}
