//! The page's words and numbers in one place, so that another language needs only another of this file. What the engine
//! and the errors say comes with them.

use super::kept::Kept;
use super::look::View;
use super::photo::{Outcome, Phase, Photo};
use crate::protocol::{Backend, BackendChoice, Engine, ExportKind, Mode, Size, Stage};

/// The language of this file.
pub(super) const LANGUAGE: &str = "en";

pub(super) const NAME: &str = "Crack Segmenter";
pub(super) const READY: &str = "Ready for photos.";
pub(super) const CHIP_STARTING: &str = "Starting";
pub(super) const CHIP_FAILED: &str = "Not running";
pub(super) const PRIVACY: &str =
    "Photos never leave this device. Marks help you look; they are not a verdict.";

pub(super) const EMPTY_TITLE: &str = "Find cracks in a photo of concrete";
pub(super) const EMPTY_HINT: &str = "Drop or paste photos here, or choose them.";
pub(super) const CHOOSE: &str = "Choose photos";
pub(super) const TAKE: &str = "Take a photo";
pub(super) const PASTE: &str = "Paste";
pub(super) const PASTE_REFUSED: &str =
    "The browser did not let the page read the clipboard. Press Ctrl+V (or ⌘V) instead.";
pub(super) const PASTE_NOTHING: &str = "There is no picture on the clipboard.";
pub(super) const ADD: &str = "Add photos";
pub(super) const EXAMPLES: &str = "Or try an example";
pub(super) const EXAMPLE_FAILED: &str =
    "The example could not be fetched. Check the connection and try again.";
pub(super) const DROP: &str = "Drop photos or a weights file";

/// The example pictures: file name and what is seen.
pub(super) const EXAMPLE_PICTURES: [(&str, &str); 3] = [
    ("wall.jpg", "Wall"),
    ("slab.jpg", "Slab"),
    ("fine.jpg", "Fine cracks"),
];

pub(super) const STAGE_KEYS: &str =
    "Arrow keys move the photo, plus and minus zoom, 0 shows all of it.";
pub(super) const STAGE_ROLE: &str = "photo viewer";
pub(super) const TOOLS: &str = "Zoom and compare";
pub(super) const ZOOM_IN: &str = "Zoom in";
pub(super) const ZOOM_OUT: &str = "Zoom out";
pub(super) const ZOOM_FIT: &str = "Show the whole photo";
pub(super) const COMPARE: &str = "Compare with the photo";
pub(super) const COMPARE_LINE: &str = "Line between photo and result";

pub(super) const PANEL: &str = "Result and settings";
pub(super) const RESULT: &str = "Result";
pub(super) const SHARE_LABEL: &str = "marked as crack";
pub(super) const PHOTO_SIZE: &str = "Photo";
pub(super) const WORKED_SIZE: &str = "Processed at";
pub(super) const MASK_SIZE: &str = "Mask";
pub(super) const TIME: &str = "Time";
pub(super) const MADE_BY: &str = "Made by";
pub(super) const RUN_AGAIN: &str = "Run again";

pub(super) const VIEW: &str = "View";
pub(super) const THRESHOLD: &str = "Threshold";
pub(super) const THRESHOLD_HINT: &str = "Lower finds more, higher is more certain.";
pub(super) const OPACITY: &str = "Opacity";
pub(super) const HEAT_SCALE: &str = "Probability of a crack";

pub(super) const DOWNLOAD: &str = "Download as PNG";
pub(super) const EXPORTING: &str = "Writing…";

pub(super) const SETTINGS: &str = "Settings";
pub(super) const MODE: &str = "Resolution";
pub(super) const BACKEND: &str = "Runs on";
pub(super) const WEIGHTS: &str = "Weights";
pub(super) const WEIGHTS_LOADING: &str = "Loading…";
pub(super) const WEIGHTS_NONE: &str = "None";
pub(super) const WEIGHTS_CHOOSE: &str = "Use another file";
pub(super) const WEIGHTS_HINT: &str =
    "A .bpk or .safetensors file; dropping it on the page works too.";
pub(super) const ADAPTER: &str = "Processor";
pub(super) const SPEED: &str = "Speed";
pub(super) const SELF_TEST: &str = "Self-test";
pub(super) const ENGINE_FAILED: &str = "Photos can't be segmented yet";
pub(super) const TRY_AGAIN: &str = "Try again";

pub(super) const OFFLINE: &str = "Without a network";
pub(super) const PERSIST_REFUSED: &str =
    "The browser made no promise. It keeps apps that are installed or often used.";
pub(super) const PERSIST: &str = "Keep it for good";
pub(super) const INSTALL: &str = "Install the app";
pub(super) const INSTALL_BY_HAND: &str =
    "To install the app: open the browser's Share menu and choose Add to Home Screen.";
pub(super) const UPDATE: &str = "A new version is ready.";
pub(super) const UPDATE_CLEARS: &str = "Reloading clears the photos and results on this page.";
pub(super) const UPDATE_NOW: &str = "Reload";

pub(super) const QUEUE: &str = "Photos";
pub(super) const PREVIOUS: &str = "Previous photo";
pub(super) const NEXT: &str = "Next photo";
pub(super) const CLEAR: &str = "Clear";
pub(super) const CLEAR_ALL: &str = "Clear all";
pub(super) const CANCEL: &str = "Cancel";
pub(super) const CANCEL_KEY: &str = "Cancel (Esc)";
pub(super) const STOPPING: &str = "Stopping…";
pub(super) const STOPPED: &str = "Stopped. This photo has not been examined.";
pub(super) const DISMISS: &str = "Dismiss";
pub(super) const SHOW_CONTROLS: &str = "Show controls";
pub(super) const HIDE_CONTROLS: &str = "Hide controls";

/// Asks before all photos are taken away.
pub(super) fn clear_really(count: usize) -> String {
    format!("Clear {count} photos?")
}

/// Name of a view.
pub(super) fn view(view: View) -> &'static str {
    match view {
        View::Overlay => "Overlay",
        View::Mask => "Mask",
        View::Heat => "Heat map",
        View::Original => "Original",
    }
}

/// Name of a pipeline.
pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Native => "Native",
        Mode::Space => "Space-compatible",
    }
}

/// What a pipeline does.
pub(super) fn mode_hint(mode: Mode) -> &'static str {
    match mode {
        Mode::Native => {
            "Looks at every pixel of the photo, in overlapping tiles. The mask has the photo's size."
        }
        Mode::Space => {
            "Stretches the photo to 256 × 256, as the original on Hugging Face Spaces does. Fast, and blind to fine cracks."
        }
    }
}

/// Name of a backend to choose.
pub(super) fn backend_choice(choice: BackendChoice) -> &'static str {
    match choice {
        BackendChoice::Auto => "Automatic",
        BackendChoice::WebGpu => "WebGPU",
        BackendChoice::Cpu => "CPU",
    }
}

/// Name of a backend that runs.
pub(super) fn backend(backend: Backend) -> &'static str {
    match backend {
        Backend::Cpu => "CPU",
        Backend::WebGpu => "WebGPU",
    }
}

/// The weights that run.
pub(super) fn weights(engine: &Engine) -> String {
    format!("{}, width {}", engine.weights, engine.width)
}

/// How fast the engine is.
pub(super) fn speed(seconds_per_megapixel: f64) -> String {
    format!("{} a megapixel", seconds(seconds_per_megapixel))
}

/// What the self-test gave.
pub(super) fn self_test(difference: f32) -> String {
    format!("GPU and CPU agree within {}", small(difference))
}

/// Other weights that wait for the photo in work.
pub(super) fn coming_weights(file_name: &str) -> String {
    format!("{file_name} will be used after the photo in work.")
}

/// Goes back to the threshold that came with the weights.
pub(super) fn reset(threshold: f32) -> String {
    format!("Reset to {threshold:.2}")
}

/// What is kept of the app, and for how long.
pub(super) fn kept(kept: Kept, persistent: Option<bool>) -> &'static str {
    match (kept, persistent) {
        (Kept::Never, _) => "This browser does not keep the app, so it needs the network to start.",
        (Kept::NotYet, _) => "Being kept on this device, so that it starts without a network…",
        (Kept::Complete, Some(true)) => {
            "Ready. The browser promised to keep the app and its weights."
        }
        (Kept::Complete, _) => {
            "Ready. The browser may remove the app when the device runs out of room, or after weeks without use."
        }
    }
}

/// Name of a download.
pub(super) fn export(kind: ExportKind) -> &'static str {
    match kind {
        ExportKind::Mask => "Mask",
        ExportKind::Overlay => "Overlay",
        ExportKind::Probability => "Probability",
    }
}

/// Which results the settings of now did not make: that on the stage or not, and how many others.
pub(super) fn outdated(is_shown: bool, others: usize) -> String {
    match (is_shown, others) {
        (true, 0) => "The settings have changed since.".to_owned(),
        (true, 1) => "This photo and another one were processed with other settings.".to_owned(),
        (true, _) => format!("This photo and {others} others were processed with other settings."),
        (false, 1) => "Another photo was processed with other settings.".to_owned(),
        (false, _) => format!("{others} other photos were processed with other settings."),
    }
}

/// Works all those again.
pub(super) fn run_outdated(is_shown: bool, others: usize) -> &'static str {
    match (is_shown, others) {
        (true, 0) => RUN_AGAIN,
        (false, 1) => "Run it again",
        _ => "Run them again",
    }
}

/// After weights that can't be used.
pub(super) fn weights_stay(weights: &str) -> String {
    format!("The {weights} weights stay in use.")
}

/// Width and height.
pub(super) fn size(size: Size) -> String {
    format!("{} × {}", size.width, size.height)
}

/// A share of the area in per cent, without the sign, with about three figures.
pub(super) fn percent_figure(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        0.0 => "0".to_owned(),
        _ if percent < 0.01 => "< 0.01".to_owned(),
        _ if percent < 10.0 => format!("{percent:.2}"),
        _ => format!("{percent:.1}"),
    }
}

/// A share of the area in per cent.
pub(super) fn percent(share: f64) -> String {
    format!("{}%", percent_figure(share))
}

/// A fraction in whole per cent.
pub(super) fn whole_percent(fraction: f64) -> String {
    format!("{:.0}%", fraction * 100.0)
}

/// A measured time.
pub(super) fn seconds(seconds: f64) -> String {
    match seconds {
        _ if seconds < 9.95 => format!("{seconds:.1} s"),
        _ if seconds < 119.5 => format!("{seconds:.0} s"),
        _ => format!("{:.0} min", seconds / 60.0),
    }
}

/// An expected time: rounded, so that it doesn't flicker.
pub(super) fn about(seconds: f64) -> String {
    match seconds {
        _ if seconds < 1.5 => "about 1 s".to_owned(),
        _ if seconds < 9.5 => format!("about {seconds:.0} s"),
        _ if seconds < 89.5 => format!("about {:.0} s", (seconds / 5.0).round() * 5.0),
        _ if seconds < 5400.0 => format!("about {:.0} min", seconds / 60.0),
        _ => format!("about {:.1} h", seconds / 3600.0),
    }
}

/// What a photo was worked at, where that is less than its own size.
pub(super) fn worked_at(outcome: &Outcome) -> String {
    format!(
        "Processed at {} of the photo's size, so that it doesn't take long on this device. Finer cracks may be missing.",
        whole_percent(outcome.plan.scale)
    )
}

/// What a photo is being worked at, where that is less than its own size.
pub(super) fn working_at(scale: f64, seconds_full: f64) -> String {
    format!(
        "At {} of the photo's size; at full resolution it would take {}.",
        whole_percent(scale),
        about(seconds_full)
    )
}

/// The offer to work every pixel.
pub(super) fn run_full(seconds_full: f64) -> String {
    format!("Run at full resolution ({})", about(seconds_full))
}

/// What made a result.
pub(super) fn made_by(outcome: &Outcome) -> String {
    format!("{}, {} weights", backend(outcome.backend), outcome.weights)
}

/// What is under way, in few words.
pub(super) fn stage(stage: Option<Stage>) -> &'static str {
    match stage {
        None => "Starting",
        Some(Stage::Program { .. }) => "Loading the program",
        Some(Stage::Weights { .. }) => "Loading the weights",
        Some(Stage::Compiling) => "Preparing and checking the processor",
        Some(Stage::Decoding) => "Reading the photo",
        Some(Stage::Tiles { .. }) => "Looking for cracks",
    }
}

/// How far it is.
pub(super) fn stage_detail(stage: Option<Stage>) -> String {
    match stage {
        Some(
            Stage::Program {
                loaded,
                total: Some(total),
            }
            | Stage::Weights {
                loaded,
                total: Some(total),
            },
        ) => {
            format!("{} of {} MB", megabytes(loaded), megabytes(total))
        }
        Some(
            Stage::Program {
                loaded,
                total: None,
            }
            | Stage::Weights {
                loaded,
                total: None,
            },
        ) => {
            format!("{} MB", megabytes(loaded))
        }
        Some(Stage::Tiles {
            done,
            total,
            seconds_left,
        }) if done < total => {
            format!("Tile {} of {total}, {} left", done + 1, about(seconds_left))
        }
        _ => String::new(),
    }
}

/// State of a photo in the strip.
pub(super) fn phase(photo: &Photo) -> &'static str {
    match photo.phase {
        Phase::Waiting => "Waiting",
        Phase::Working { .. } => "Working",
        Phase::Done => "Done",
        Phase::Stopped => "Stopped",
        Phase::Failed(_) => "Failed",
    }
}

/// Waiting for the photos before.
pub(super) const WAITING: &str = "Waiting for its turn";

/// A card of the strip, for screen readers.
pub(super) fn card(photo: &Photo, is_outdated: bool, number: usize, of: usize) -> String {
    let outdated = if is_outdated {
        ", with other settings"
    } else {
        ""
    };
    format!(
        "{}, photo {number} of {of}: {}{outdated}",
        photo.name,
        phase(photo)
    )
}

/// The button that takes a photo away.
pub(super) fn remove(photo: &Photo) -> String {
    format!("Remove {}", photo.name)
}

/// Place in the queue, and how many photos of it wait or are in work.
pub(super) fn place(number: usize, of: usize, in_work: usize) -> String {
    match in_work {
        0 => format!("{number} of {of}"),
        _ => format!("{number} of {of} · {in_work} to go"),
    }
}

/// What is said aloud when a whole queue is done; nothing of an empty one.
pub(super) fn announce_queue(photos: &[Photo]) -> Option<String> {
    let count =
        |is_wanted: fn(&Photo) -> bool| photos.iter().filter(|photo| is_wanted(photo)).count();
    let done = count(|photo| photo.phase == Phase::Done);
    let others = [
        (count(|photo| photo.phase == Phase::Stopped), "stopped"),
        (count(|photo| photo.failure().is_some()), "failed"),
    ];
    let others = others.iter().filter(|(count, _)| *count > 0);
    let others: String = others
        .map(|(count, what)| format!(", {count} {what}"))
        .collect();
    (!photos.is_empty()).then(|| format!("The queue is finished: {done} done{others}."))
}

/// What is said aloud when a photo was taken away.
pub(super) fn announce_removed(name: &str, left: usize) -> String {
    match left {
        1 => format!("{name} removed, 1 photo left."),
        _ => format!("{name} removed, {left} photos left."),
    }
}

/// What is said aloud when the engine stands again and nothing else has changed.
pub(super) fn announce_engine(engine: &Engine) -> String {
    format!("Ready, on {}.", backend(engine.backend))
}

/// Several files, the first three by name.
pub(super) fn names(names: &[&str]) -> String {
    match names {
        [first, second, third, rest @ ..] if rest.len() > 1 => {
            format!("{first}, {second}, {third} and {} more", rest.len())
        }
        _ => names.join(", "),
    }
}

/// A failed photo beside the one on the stage.
pub(super) fn notice(name: &str, message: &str) -> String {
    format!("{name}: {message}")
}

/// The text alternative of the canvas.
pub(super) fn stage_summary(photo: &Photo, view: View, threshold: f32) -> String {
    let size = photo
        .size
        .map(|photo_size| format!(", {} pixels", size(photo_size)))
        .unwrap_or_default();
    match &photo.outcome {
        Some(outcome) => format!(
            "{}{size}. {} of the area marked as crack at threshold {threshold:.2}. View: {}.",
            photo.name,
            percent(outcome.tally.share(threshold)),
            self::view(view)
        ),
        None => format!("{}{size}. {}.", photo.name, phase(photo)),
    }
}

/// What is said aloud when a photo is done.
pub(super) fn announce_done(photo: &Photo, outcome: &Outcome, threshold: f32) -> String {
    format!(
        "{}: {} of the area marked as crack.",
        photo.name,
        percent(outcome.tally.share(threshold))
    )
}

/// What is said aloud when a photo failed.
pub(super) fn announce_phase(photo: &Photo) -> String {
    match &photo.phase {
        Phase::Failed(failure) => notice(&photo.name, &failure.message),
        Phase::Working { stage, .. } => format!("{}: {}", photo.name, self::stage(*stage)),
        _ => format!("{}: {}", photo.name, phase(photo)),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

fn small(value: f32) -> String {
    if value < 0.0001 {
        "0.0001".to_owned()
    } else {
        format!("{value:.4}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_about_three_figures() {
        let shares = [0.0, 0.000_01, 0.0237, 0.5].map(percent);
        assert_eq!(shares, ["0%", "< 0.01%", "2.37%", "50.0%"]);
    }

    #[test]
    fn expected_times_are_round() {
        let times = [0.2, 7.2, 43.0, 240.0, 7200.0].map(about);
        assert_eq!(
            times,
            [
                "about 1 s",
                "about 7 s",
                "about 45 s",
                "about 4 min",
                "about 2.0 h"
            ]
        );
    }

    #[test]
    fn of_many_names_the_first_are_told() {
        assert_eq!(names(&["a", "b", "c", "d"]), "a, b, c, d");
        assert_eq!(names(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }

    #[test]
    fn tiles_count_from_one() {
        let stage = Stage::Tiles {
            done: 0,
            total: 12,
            seconds_left: 20.0,
        };
        assert_eq!(stage_detail(Some(stage)), "Tile 1 of 12, about 20 s left");
    }
}
