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
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use clap::{CommandFactory, FromArgMatches, Parser};
use crack_segmenter::device::DeviceError;
use crack_segmenter::plan::Mode;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;

use engine::EngineArgs;
use queue::Queue;
use routes::App;
use store::Store;

/// How long requests are still answered when no photo can be worked any more: who waits, or has yet to ask for an answer, is
/// to hear why.
const GRACE: Duration = Duration::from_secs(3);

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
    let work = move |queue: &Queue, store: &Store| work::work(&engine, queue, store);
    serve(listener, work, async { sleep(GRACE).await }).await
}

/// The network has a thread of its own, in which it works until its device is lost; whoever asks waits for it. Then requests are
/// answered for as long as the `grace` lasts.
async fn serve(
    listener: TcpListener,
    work: impl FnOnce(&Queue, &Store) -> DeviceError + Send + 'static,
    grace: impl Future<Output = ()>,
) -> Result<()> {
    let (queue, store) = (Arc::<Queue>::default(), Arc::<Store>::default());
    let address = listener.local_addr()?;
    let app = Arc::new(App::new(Arc::clone(&queue), Arc::clone(&store), address)?);
    let (tell, ended) = oneshot::channel();
    thread::spawn(move || {
        let error = work(&queue, &store);
        queue.end(&error.to_string());
        tell.send(error)
    });
    let ended = async {
        let error = ended.await;
        grace.await;
        error
    };
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use serde_json::{Value, json};
    use ureq::Agent;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn all_who_wait_hear_that_the_device_is_lost() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = format!("http://{}/gradio_api", listener.local_addr().unwrap());
        let error = DeviceError::Lost("reset".to_owned());
        let lost = error.to_string();
        // Lost with two photos in hand, of which one is finished.
        let work = move |queue: &Queue, _: &Store| {
            let job = pollster::block_on(queue.take());
            pollster::block_on(queue.take());
            queue.finish(job, Err(error.to_string()));
            error
        };
        let (end, grace) = oneshot::channel();
        let grace = async { grace.await.unwrap() };
        let server = tokio::spawn(serve(listener, work, grace));

        let config = Agent::config_builder().http_status_as_error(false).build();
        let agent = Agent::new_with_config(config);
        let post = |route: &str| -> (u16, Value) {
            let call = agent.post(format!("{address}{route}"));
            let mut answer = call.send_json(json!({"data": [null]})).unwrap();
            let status = answer.status().as_u16();
            (status, answer.body_mut().read_json().unwrap())
        };
        // One waits on its connection, the other asks for its answer when all is over, and one comes too late.
        let (waited, call) = thread::scope(|scope| {
            let waiting = scope.spawn(|| post("/run/predict"));
            let (_, call) = post("/call/predict");
            (waiting.join().unwrap(), call)
        });
        let event = call["event_id"].as_str().unwrap();
        let stream = agent.get(format!("{address}/call/predict/{event}"));
        let fetched = stream.call().unwrap().body_mut().read_to_string().unwrap();
        let late = post("/call/predict");
        end.send(()).unwrap();

        let told = json!({"detail": lost, "error": lost});
        assert_eq!(waited, (500, told.clone()));
        assert!(fetched.starts_with("event: error\n"), "{fetched}");
        assert!(fetched.contains(&lost), "{fetched}");
        assert_eq!(late, (503, told));
        let ended = server.await.unwrap().unwrap_err().to_string();
        assert_eq!(ended, format!("no more photos can be worked: {lost}"));
    }
}
