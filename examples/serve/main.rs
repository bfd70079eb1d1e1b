//! Stands in for the original's Gradio Space: `cargo run --release --example serve -- --port 7860`.
//!
//! Answers the routes of Gradio 5, so that programs written for the Space only need another address (see MIGRATING.md):
//! `gradio_client` in Python, `@gradio/client` in JavaScript, or plain HTTP. The answer is the Space's too, a mask of 256x256,
//! unless `--mode native` or `--mode thorough` asks for one of the photo's size.
//!
//! It listens to this computer only. What it keeps is bounded (files, waiting photos, answers not yet fetched, and names in
//! all of them), the number of connections is not, and there are neither passwords nor encryption: before you open it to
//! others by `--host`, put a web server in front that sees to these, and passes on the Host that it was called by.

#[path = "../common/engine.rs"]
mod engine;
mod gradio;
mod http;
mod id;
mod input;
mod name;
mod queue;
mod routes;
mod store;
mod work;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};
use axum::Router;
use clap::{CommandFactory, FromArgMatches, Parser};
use crack_segmenter::plan::Mode;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use engine::{Engine, EngineArgs};
use queue::Queue;
use routes::App;
use store::Store;

/// Finds cracks for programs that were written for the original's Gradio Space.
#[derive(Parser)]
struct Args {
    /// Where to listen; 0 takes any free port.
    #[arg(long, default_value_t = 7860)]
    port: u16,
    /// Whom to listen to: 127.0.0.1 is this computer only, 0.0.0.0 everybody who can reach it.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    #[command(flatten)]
    engine: EngineArgs,
}

#[tokio::main]
async fn main() -> Result<()> {
    // Who comes from the Space expects its masks.
    let command = Args::command().mut_arg("mode", |mode| mode.default_value("space"));
    let args = Args::from_arg_matches(&command.get_matches())?;
    let engine = args.engine.start()?;

    let address = SocketAddr::from((args.host, args.port));
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} can't be had: choose another --port"))?;
    println!(
        "Listening on http://{}: {}, {} weights, {}.",
        listener.local_addr()?,
        match engine.mode {
            Mode::Native => "native resolution",
            Mode::Thorough => "native resolution, thorough",
            Mode::Space => "Space-compatible",
        },
        engine.weights,
        engine.backend
    );
    serve(listener, engine).await
}

/// The network has a thread of its own; whoever asks waits for it.
async fn serve(listener: TcpListener, engine: Engine) -> Result<()> {
    let (queue, store) = (Arc::<Queue>::default(), Arc::<Store>::default());
    let address = listener.local_addr()?;
    let app = Arc::new(App::new(Arc::clone(&queue), Arc::clone(&store), address)?);
    let (tell, ended) = oneshot::channel();
    thread::spawn(move || tell.send(work::work(&engine, &queue, &store)));
    let routes = Router::new().fallback(routes::answer).with_state(app);
    // Whoever watches over the program starts it again, on a device that answers.
    tokio::select! {
        served = axum::serve(listener, routes).into_future() => Ok(served?),
        error = ended => bail!("no more photos can be worked: {}", error?),
    }
}

/// What a mutex guards. It stays usable after a panic elsewhere: no lock is held while anything is computed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
