//! The page's words and numbers: one table, [`Words`], which each language fills in a file of its own. A word that is
//! missing in one of them does not compile.
//!
//! What another language takes besides such a file, ARCHITECTURE.md says ("Languages").

mod de;
mod en;
mod es;
mod fr;

use super::kept::Kept;
use super::language::Language;
use super::look::View;
use super::photo::{Outcome, Phase, Photo};
use super::shipped::Shipped;
use crate::failure::Mismatch;
use crate::measure::{self, Decimals, Scale};
use crate::protocol::{
    Backend, BackendChoice, Cause, EngineInfo, ExportKind, Failure, Measurements, Mode, Reason,
    Size, Stage,
};

/// A proper name, the same in every language.
pub(super) const NAME: &str = "Crack Segmenter";

/// The words of a language. Fields that are functions make sentences of what they are given, which are numbers and times
/// as the language writes them, unless the grammar needs a count.
pub(super) struct Words {
    /// Between whole numbers and their fractions.
    /// In tables, too.
    pub decimals: Decimals,
    /// The sign for per cent, with the space before it where there is one.
    pub percent_sign: &'static str,
    /// What stands between a word and a colon after it.
    pub before_colon: &'static str,
    /// Millions of bytes.
    megabytes: &'static str,

    pub ready: &'static str,
    pub starting: &'static str,
    pub not_running: &'static str,
    pub privacy: &'static str,

    pub empty_title: &'static str,
    pub empty_hint: &'static str,
    pub choose: &'static str,
    pub take: &'static str,
    pub paste: &'static str,
    pub paste_refused: &'static str,
    pub paste_nothing: &'static str,
    pub add: &'static str,
    pub examples: &'static str,
    /// A slab, a wall, fine cracks.
    pub example_names: [&'static str; 3],
    pub example_failed: &'static str,
    /// The photo that the page around this one wanted shown.
    pub source_failed: &'static str,
    /// What another app shared with this one.
    pub shared_failed: &'static str,
    /// Photos of an earlier visit.
    left_over_failed: &'static str,
    /// Of photos of an earlier visit.
    left_over_elsewhere: &'static str,
    pub open: &'static str,
    pub delete: &'static str,
    /// What is said aloud when photos of earlier visits were deleted.
    pub deleted: &'static str,
    pub dropped_folder: &'static str,
    pub drop: &'static str,

    pub stage_keys: &'static str,
    pub stage_role: &'static str,
    pub tools: &'static str,
    pub zoom_in: &'static str,
    pub zoom_out: &'static str,
    pub zoom_fit: &'static str,
    pub compare: &'static str,
    pub compare_line: &'static str,

    pub panel: &'static str,
    pub result: &'static str,
    pub share_label: &'static str,
    pub cracks: &'static str,
    pub no_cracks: &'static str,
    pub length: &'static str,
    pub width: &'static str,
    pub measuring: &'static str,
    /// The list of cracks.
    pub each_crack: &'static str,
    /// Of a crack in the list.
    pub number: &'static str,
    pub mean_width: &'static str,
    pub max_width: &'static str,
    pub scale: &'static str,
    pub ruler: &'static str,
    pub ruler_hint: &'static str,
    pub ruler_length: &'static str,
    /// Whether the scale is that of all photos that may have been taken alike.
    pub ruler_for_all: &'static str,
    pub ruler_refused: &'static str,
    pub ruler_too_short: &'static str,
    /// A length that can't be true of the line.
    pub ruler_no_scale: &'static str,
    pub scale_removed: &'static str,
    /// Marks that the person took out of a result.
    pub left_out: &'static str,
    /// The one that was taken out last.
    pub put_back: &'static str,
    /// What a button does with a mark.
    pub leave_out_action: &'static str,
    /// Also what is too short to be listed.
    pub leave_out_all: &'static str,
    /// What another run does.
    pub uncorrects: &'static str,
    /// Asks before that.
    pub run_really: &'static str,
    pub ruler_set: &'static str,
    pub ruler_remove: &'static str,
    pub photo_size: &'static str,
    pub worked_size: &'static str,
    pub time: &'static str,
    pub made_by: &'static str,
    pub run_again: &'static str,
    run_it_again: &'static str,
    run_them_again: &'static str,

    pub view: &'static str,
    overlay: &'static str,
    pub mask: &'static str,
    heat_map: &'static str,
    original: &'static str,
    probability: &'static str,
    pub threshold: &'static str,
    pub threshold_hint: &'static str,
    pub opacity: &'static str,
    pub heat_scale: &'static str,

    pub download: &'static str,
    /// The cracks as a file for spreadsheets.
    pub table: &'static str,
    /// All results as one file.
    pub all_results: &'static str,
    pub exporting: &'static str,
    /// What is said aloud when all results are in one.
    pub exported_all: &'static str,
    /// A file that waits for a press, by its name, and that press.
    pub file_ready: fn(&str) -> String,
    pub save: &'static str,
    /// The page in an archive: its title, and what it says of itself.
    pub report: &'static str,
    pub report_note: &'static str,
    /// What a person may write into a report.
    pub report_blanks: [&'static str; 3],
    pub report_blanks_note: &'static str,
    /// Of a photo in it.
    pub not_measured: &'static str,
    pub not_examined: &'static str,
    /// A photo among others, as the head of a column.
    pub photo: &'static str,

    pub settings: &'static str,
    pub language: &'static str,
    pub mode: &'static str,
    native: &'static str,
    native_hint: &'static str,
    thorough: &'static str,
    thorough_hint: &'static str,
    thorough_mode: &'static str,
    space: &'static str,
    space_hint: &'static str,
    pub backend: &'static str,
    automatic: &'static str,
    pub weights: &'static str,
    pub weights_loading: &'static str,
    pub weights_none: &'static str,
    pub weights_choose: &'static str,
    pub weights_hint: &'static str,
    lite_hint: &'static str,
    open_hint: &'static str,
    pub adapter: &'static str,
    pub speed: &'static str,
    pub self_test: &'static str,
    pub engine_failed: &'static str,
    pub try_again: &'static str,
    /// After it was lost.
    pub try_gpu_again: &'static str,

    pub offline: &'static str,
    kept_never: &'static str,
    kept_not_yet: &'static str,
    kept_failed: &'static str,
    kept_for_good: &'static str,
    kept_for_now: &'static str,
    work_kept: &'static str,
    pub work_not_kept: &'static str,
    pub persist: &'static str,
    pub persist_refused: &'static str,
    pub install: &'static str,
    pub install_by_hand: &'static str,
    pub update: &'static str,
    pub update_clears: &'static str,
    pub update_keeps: &'static str,
    pub update_now: &'static str,

    pub queue: &'static str,
    pub previous: &'static str,
    pub next: &'static str,
    pub clear: &'static str,
    pub clear_all: &'static str,
    pub cancel: &'static str,
    pub cancel_key: &'static str,
    pub cancel_all: &'static str,
    pub stopping: &'static str,
    pub stopped_photo: &'static str,
    pub dismiss: &'static str,
    pub show_controls: &'static str,
    pub hide_controls: &'static str,

    /// What a photo does, or what became of it.
    waiting: &'static str,
    pub waiting_turn: &'static str,
    working: &'static str,
    done: &'static str,
    done_and_corrected: &'static str,
    stopped: &'static str,
    failed: &'static str,

    /// What is under way.
    stage_program: &'static str,
    stage_weights: &'static str,
    stage_compiling: &'static str,
    stage_decoding: &'static str,
    stage_tiles: &'static str,

    /// So many photos of earlier visits, the last of which was kept then, are still there.
    pub left_over: fn(count: usize, when: &str) -> String,
    /// The button of a crack in the list.
    pub show_crack: fn(number: usize) -> String,
    /// As it is none.
    pub leave_out: fn(number: usize) -> String,
    /// Which one, and how many by now.
    pub announce_left_out: fn(number: usize, all: u32) -> String,
    /// How many marks by now.
    pub announce_all_left_out: fn(all: u32) -> String,
    /// What is too short for a crack was left out.
    pub announce_specks_left_out: fn(all: u32) -> String,
    /// How many marks are shorter than what is measured as a crack.
    pub specks: fn(count: u32, shortest: &str) -> String,
    /// The last of them; how many there are still.
    pub announce_put_back: fn(left: u32) -> String,
    /// So many cracks are not in the list.
    pub more_cracks: fn(count: usize) -> String,
    /// An end of the ruler, 1 or 2.
    pub ruler_end: fn(number: usize) -> String,
    /// What was said holds for so many photos, which are several.
    pub for_photos: fn(count: usize) -> String,
    /// A crack on the photo: its number, its length and its mean width.
    pub crack_label: fn(number: usize, length: &str, width: &str) -> String,
    /// Mean width and largest width of cracks.
    width_up_to: fn(mean: &str, most: &str) -> String,
    /// How widths are measured, and below which they are uncertain.
    width_hint: fn(least: &str) -> String,
    short_marks: fn(shortest: &str) -> String,
    /// So many pieces of all are written.
    pub collecting: fn(done: usize, total: usize) -> String,
    /// Asks before so many photos are taken away.
    pub clear_really: fn(count: usize) -> String,
    /// Weights, by their name and the width of their network.
    weights_named: fn(name: &str, width: usize) -> String,
    /// The time for a megapixel.
    a_megapixel: fn(time: &str) -> String,
    /// How far GPU and CPU are apart.
    agreement: fn(difference: &str) -> String,
    /// Other weights that wait for the photo in work.
    pub coming_weights: fn(file: &str) -> String,
    /// Goes back to the threshold that came with the weights.
    reset_to: fn(threshold: &str) -> String,
    /// Which results the settings of now did not make: that on the stage or not, and how many others.
    pub outdated: fn(is_shown: bool, others: usize) -> String,
    /// After weights that can't be used.
    pub weights_stay: fn(weights: &str) -> String,
    /// A rounded time.
    about_time: fn(time: &str) -> String,
    /// What a photo was worked at, where that is less than its own size.
    worked_at_share: fn(share: &str) -> String,
    /// What a photo is being worked at, and how long (about) it would take without that.
    working_at_share: fn(share: &str, full: &str) -> String,
    /// The offer to work every pixel.
    run_full_in: fn(about: &str) -> String,
    /// What made a result.
    made_by_weights: fn(backend: &str, weights: &str) -> String,
    /// So much of a whole.
    of_total: fn(part: &str, total: &str) -> String,
    /// A tile by its number, and how long (about) all the rest takes.
    tile: fn(number: usize, total: usize, left: &str) -> String,
    /// A card of the strip, for screen readers.
    card_of: fn(name: &str, number: usize, of: usize, phase: &str, is_outdated: bool) -> String,
    /// The button that takes a photo away.
    pub remove: fn(name: &str) -> String,
    /// Place in the queue, and how many photos of it wait or are in work.
    pub place: fn(number: usize, of: usize, in_work: usize) -> String,
    /// What is said aloud when photos that are not on the stage are to be segmented again.
    pub announce_again: fn(others: usize) -> String,
    /// What is said aloud when a whole queue is done.
    queue_finished: fn(done: usize, stopped: usize, failed: usize) -> String,
    /// What is said aloud when a photo was taken away.
    pub announce_removed: fn(name: &str, left: usize) -> String,
    /// What is said aloud when the engine stands again and nothing else has changed.
    ready_on: fn(backend: &str) -> String,
    /// Names, and how many more there are.
    and_more: fn(names: &str, more: usize) -> String,
    /// What is said of a photo.
    pub notice: fn(name: &str, message: &str) -> String,
    /// So many pixels.
    pixels: fn(size: &str) -> String,
    /// The crack share of a photo, as a sentence.
    share_found: fn(share: &str) -> String,
    /// The same for who can't see the picture.
    share_shown: fn(share: &str, threshold: &str, view: &str) -> String,
    /// Why a backend runs.
    pub reason: fn(backend: Backend, reason: Reason) -> &'static str,
    /// What went wrong and what to do.
    cause: fn(&Cause) -> String,
}

/// What goes wrong while a photo is brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IntakeError {
    /// An example could not be fetched.
    Example,
    /// The photo that the embedding page wants shown could not be fetched.
    Source,
    /// The clipboard may not be read.
    PasteRefused,
    /// No picture on the clipboard.
    NothingToPaste,
    /// What another app shared could not be kept, or is no picture.
    Shared,
    /// Photos of an earlier visit can't be read any more.
    Kept,
    /// Another page has photos of an earlier visit by now.
    Elsewhere,
    /// A folder was dropped.
    Folder,
}

/// Names and phrases.
impl Words {
    /// Those of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &en::WORDS,
            Language::German => &de::WORDS,
            Language::French => &fr::WORDS,
            Language::Spanish => &es::WORDS,
        }
    }

    /// Name of a view.
    pub fn view_name(&self, view: View) -> &'static str {
        match view {
            View::Overlay => self.overlay,
            View::Mask => self.mask,
            View::Heat => self.heat_map,
            View::Original => self.original,
        }
    }

    /// Name of a pipeline.
    pub fn mode_name(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Native => self.native,
            Mode::Thorough => self.thorough,
            Mode::Space => self.space,
        }
    }

    /// What a pipeline does.
    pub fn mode_hint(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::Native => self.native_hint,
            Mode::Thorough => self.thorough_hint,
            Mode::Space => self.space_hint,
        }
    }

    /// Name of weights that came along; nothing for others.
    pub fn shipped_name(&self, shipped: Option<Shipped>) -> &'static str {
        shipped.map_or("", Shipped::name)
    }

    /// What weights that came along are good for, and their terms.
    pub fn shipped_hint(&self, shipped: Shipped) -> &'static str {
        match shipped {
            Shipped::Lite => self.lite_hint,
            Shipped::Open => self.open_hint,
        }
    }

    /// Name of a backend to choose.
    pub fn backend_choice(&self, choice: BackendChoice) -> &'static str {
        match choice {
            BackendChoice::Auto => self.automatic,
            BackendChoice::WebGpu => Backend::WebGpu.name(),
            BackendChoice::Cpu => Backend::Cpu.name(),
        }
    }

    /// The weights that run.
    pub fn weights_of(&self, engine: &EngineInfo) -> String {
        (self.weights_named)(&engine.weights, engine.width)
    }

    /// What is kept of the app, and for how long.
    pub fn kept(&self, kept: Kept, persistent: Option<bool>) -> &'static str {
        match (kept, persistent) {
            (Kept::Never, _) => self.kept_never,
            (Kept::NotYet, _) => self.kept_not_yet,
            (Kept::Failed, _) => self.kept_failed,
            (Kept::Complete, Some(true)) => self.kept_for_good,
            (Kept::Complete, _) => self.kept_for_now,
        }
    }

    /// Whether photos and results are kept, and for how long.
    pub fn work_kept(&self, kept: Kept) -> &'static str {
        match kept {
            Kept::Never | Kept::Failed => self.work_not_kept,
            Kept::NotYet | Kept::Complete => self.work_kept,
        }
    }

    /// Name of a download.
    pub fn export(&self, kind: ExportKind) -> &'static str {
        match kind {
            ExportKind::Mask => self.mask,
            ExportKind::Overlay => self.overlay,
            ExportKind::Probability => self.probability,
        }
    }

    /// Works all those again that [`Self::outdated`] tells of.
    pub fn run_outdated(&self, is_shown: bool, others: usize) -> &'static str {
        match (is_shown, others) {
            (true, 0) => self.run_again,
            (false, 1) => self.run_it_again,
            _ => self.run_them_again,
        }
    }

    /// What made a result.
    pub fn made_by_of(&self, outcome: &Outcome) -> String {
        let by = (self.made_by_weights)(outcome.backend.name(), &outcome.weights);
        match outcome.mode {
            Mode::Thorough => format!("{by}, {}", self.thorough_mode),
            // The size of the mask tells those apart.
            Mode::Native | Mode::Space => by,
        }
    }

    /// What is under way, in few words.
    pub fn stage(&self, stage: Option<Stage>) -> &'static str {
        match stage {
            None => self.starting,
            Some(Stage::Program { .. }) => self.stage_program,
            Some(Stage::Weights { .. }) => self.stage_weights,
            Some(Stage::Compiling) => self.stage_compiling,
            Some(Stage::Decoding) => self.stage_decoding,
            Some(Stage::Tiles { .. }) => self.stage_tiles,
        }
    }

    /// State of a photo in the strip.
    fn phase(&self, photo: &Photo) -> &'static str {
        match photo.phase {
            Phase::Waiting => self.waiting,
            Phase::Working { .. } => self.working,
            Phase::Done if photo.is_corrected() => self.done_and_corrected,
            Phase::Done => self.done,
            Phase::Stopped => self.stopped,
            Phase::Failed(_) => self.failed,
        }
    }

    /// A card of the strip, for screen readers.
    pub fn card(&self, photo: &Photo, is_outdated: bool, number: usize, of: usize) -> String {
        (self.card_of)(&photo.name, number, of, self.phase(photo), is_outdated)
    }

    /// Several files, the first three by name.
    pub fn names(&self, names: &[&str]) -> String {
        match names {
            [first, second, third, rest @ ..] if rest.len() > 1 => {
                (self.and_more)(&format!("{first}, {second}, {third}"), rest.len())
            }
            _ => names.join(", "),
        }
    }

    /// What went wrong while a photo was brought in.
    pub fn intake_error(&self, error: IntakeError) -> &'static str {
        match error {
            IntakeError::Example => self.example_failed,
            IntakeError::Source => self.source_failed,
            IntakeError::PasteRefused => self.paste_refused,
            IntakeError::NothingToPaste => self.paste_nothing,
            IntakeError::Shared => self.shared_failed,
            IntakeError::Kept => self.left_over_failed,
            IntakeError::Elsewhere => self.left_over_elsewhere,
            IntakeError::Folder => self.dropped_folder,
        }
    }

    /// What went wrong and what to do.
    pub fn failure(&self, failure: &Failure) -> String {
        let cause = (self.cause)(&failure.cause);
        match &failure.file {
            Some(file) => (self.notice)(file, &cause),
            None => cause,
        }
    }
}

/// What is told of photos.
impl Words {
    /// The text alternative of the canvas.
    pub fn stage_summary(&self, photo: &Photo, view: View, threshold: f32) -> String {
        let size = photo
            .size
            .map(|photo_size| format!(", {}", (self.pixels)(&size(photo_size))))
            .unwrap_or_default();
        let state = match &photo.outcome {
            Some(outcome) => (self.share_shown)(
                &self.percent(outcome.tally.share(threshold)),
                &self.threshold_value(threshold),
                self.view_name(view),
            ),
            None => format!("{}.", self.phase(photo)),
        };
        format!("{}{size}. {state}", photo.name)
    }

    /// What is said aloud when a photo is done.
    pub fn announce_done(&self, photo: &Photo, outcome: &Outcome, threshold: f32) -> String {
        let share = self.percent(outcome.tally.share(threshold));
        (self.notice)(&photo.name, &(self.share_found)(&share))
    }

    /// What is said aloud of a photo that is not done; why it failed is told in its place.
    pub fn announce_phase(&self, photo: &Photo) -> String {
        let message = match &photo.phase {
            Phase::Working { stage, .. } => self.stage(*stage).to_owned(),
            _ => self.phase(photo).to_owned(),
        };
        (self.notice)(&photo.name, &message)
    }

    /// What is said aloud of a photo whose new work was stopped, so that its earlier result stays.
    pub fn announce_stopped(&self, photo: &Photo, outcome: &Outcome, threshold: f32) -> String {
        let share = self.percent(outcome.tally.share(threshold));
        let told = format!("{}. {}", self.stopped, (self.share_found)(&share));
        (self.notice)(&photo.name, &told)
    }

    /// What is said aloud when these photos, a whole queue, are done; nothing of an empty one.
    pub fn announce_queue<'a>(&self, photos: impl Iterator<Item = &'a Photo>) -> Option<String> {
        let (mut done, mut stopped, mut failed) = (0, 0, 0);
        for photo in photos {
            match photo.phase {
                Phase::Failed(_) => failed += 1,
                Phase::Stopped => stopped += 1,
                _ if photo.was_stopped => stopped += 1,
                _ => done += 1,
            }
        }
        (done + stopped + failed > 0).then(|| (self.queue_finished)(done, stopped, failed))
    }

    /// What is said aloud when the engine stands again and nothing else has changed.
    pub fn announce_engine(&self, engine: &EngineInfo) -> String {
        (self.ready_on)(engine.backend.name())
    }

    /// What a photo was worked at, where that is less than its own size.
    pub fn worked_at(&self, outcome: &Outcome) -> String {
        (self.worked_at_share)(&self.whole_percent(outcome.plan.working_scale))
    }

    /// What a photo is being worked at, where that is less than its own size.
    pub fn working_at(&self, scale: f64, seconds_full: f64) -> String {
        (self.working_at_share)(&self.whole_percent(scale), &self.about(seconds_full))
    }

    /// The offer to work every pixel.
    pub fn run_full(&self, seconds_full: f64) -> String {
        (self.run_full_in)(&self.about(seconds_full))
    }

    /// How far something is.
    pub fn stage_detail(&self, stage: Option<Stage>) -> String {
        match stage {
            Some(Stage::Program { loaded, total } | Stage::Weights { loaded, total }) => {
                let part = self.number(loaded as f64 / 1e6, 1);
                let part = match total {
                    Some(total) => (self.of_total)(&part, &self.number(total as f64 / 1e6, 1)),
                    None => part,
                };
                format!("{part}\u{a0}{}", self.megabytes)
            }
            Some(Stage::Tiles {
                done,
                total,
                seconds_left,
            }) if done < total => (self.tile)(done + 1, total, &self.about(seconds_left)),
            _ => String::new(),
        }
    }
}

/// Measurements.
impl Words {
    /// A length of so many pixels: in millimetres or metres where a scale is known, and then to a pixel.
    pub fn length_of(&self, pixels: f64, scale: Option<Scale>) -> String {
        let Some(scale) = scale else {
            let is_fine = pixels < 9.95 && pixels.fract() > 0.0;
            return format!("{}\u{a0}px", self.number(pixels, is_fine.into()));
        };
        let step = scale.millimetres(1.0);
        match scale.millimetres(pixels) {
            mm if mm < 999.5 => {
                let decimals = for_three_figures(mm).min(for_step(step));
                format!("{}\u{a0}mm", self.number(mm, decimals))
            }
            mm => {
                let decimals = for_step(step / 1000.0).min(2);
                format!("{}\u{a0}m", self.number(mm / 1000.0, decimals))
            }
        }
    }

    /// What a pixel is.
    pub fn scale_of(&self, scale: Scale) -> String {
        let pixel = scale.millimetres(1.0);
        format!(
            "1\u{a0}px = {}\u{a0}mm",
            self.number(pixel, for_three_figures(pixel))
        )
    }

    /// How wide cracks are; none without cracks.
    pub fn width_of(&self, cracks: &Measurements, scale: Option<Scale>) -> Option<String> {
        Some((self.width_up_to)(
            &self.length_of(cracks.mean_width()?, scale),
            &self.length_of(cracks.widest()?.max_width, scale),
        ))
    }

    /// Why what is marked at a threshold is no crack; nothing where nothing is marked.
    pub fn no_cracks_hint(
        &self,
        outcome: &Outcome,
        threshold: f32,
        scale: Option<Scale>,
    ) -> Option<String> {
        let is_marked = outcome.tally.share(threshold) > 0.0;
        is_marked.then(|| (self.short_marks)(&self.length_of(measure::SHORTEST, scale)))
    }

    /// How widths are measured, and how fine they may be.
    pub fn width_hint_of(&self, outcome: &Outcome, scale: Option<Scale>) -> String {
        let least = measure::MIN_RELIABLE_WIDTH / outcome.plan.working_scale;
        (self.width_hint)(&self.length_of(least, scale))
    }
}

/// Decimals of a value that has three figures.
fn for_three_figures(value: f64) -> usize {
    let limits = [99.95, 9.995, 0.9995, 0.09995, 0.009995];
    limits.iter().filter(|&&limit| value < limit).count()
}

/// Decimals that tell values apart which are a step apart.
fn for_step(step: f64) -> usize {
    let limits = [1.0, 0.1, 0.01, 0.001, 0.0001];
    limits.iter().filter(|&&limit| step < limit).count()
}

/// Numbers.
impl Words {
    fn number(&self, value: f64, decimals: usize) -> String {
        format!("{value:.decimals$}").replace('.', self.decimals.mark())
    }

    /// A share of the area in per cent, without the sign, with about three figures.
    pub fn percent_figure(&self, share: f64) -> String {
        let percent = share * 100.0;
        match percent {
            0.0 => "0".to_owned(),
            _ if percent < 0.01 => format!("< {}", self.number(0.01, 2)),
            _ if percent < 10.0 => self.number(percent, 2),
            _ => self.number(percent, 1),
        }
    }

    /// A share of the area in per cent.
    pub fn percent(&self, share: f64) -> String {
        format!("{}{}", self.percent_figure(share), self.percent_sign)
    }

    /// A fraction in whole per cent.
    pub fn whole_percent(&self, fraction: f64) -> String {
        format!("{:.0}{}", fraction * 100.0, self.percent_sign)
    }

    /// A threshold, 0 to 1.
    pub fn threshold_value(&self, threshold: f32) -> String {
        self.number(threshold.into(), 2)
    }

    /// Goes back to the threshold that came with the weights.
    pub fn reset(&self, threshold: f32) -> String {
        (self.reset_to)(&self.threshold_value(threshold))
    }

    /// A measured time.
    pub fn seconds(&self, seconds: f64) -> String {
        match seconds {
            _ if seconds < 9.95 => format!("{}\u{a0}s", self.number(seconds, 1)),
            _ if seconds < 119.5 => format!("{seconds:.0}\u{a0}s"),
            _ => format!("{:.0}\u{a0}min", seconds / 60.0),
        }
    }

    /// An expected time: rounded, so that it doesn't flicker.
    pub fn about(&self, seconds: f64) -> String {
        (self.about_time)(&match seconds {
            _ if seconds < 1.5 => "1\u{a0}s".to_owned(),
            _ if seconds < 9.5 => format!("{seconds:.0}\u{a0}s"),
            _ if seconds < 89.5 => format!("{:.0}\u{a0}s", (seconds / 5.0).round() * 5.0),
            _ if seconds < 5400.0 => format!("{:.0}\u{a0}min", seconds / 60.0),
            _ => format!("{}\u{a0}h", self.number(seconds / 3600.0, 1)),
        })
    }

    /// How fast the engine is.
    pub fn speed_of(&self, seconds_per_megapixel: f64) -> String {
        (self.a_megapixel)(&self.seconds(seconds_per_megapixel))
    }

    /// What the self-test gave.
    pub fn self_test_gave(&self, difference: f32) -> String {
        (self.agreement)(&self.number(difference.max(0.0001).into(), 4))
    }
}

/// Width and height.
pub(super) fn size(size: Size) -> String {
    format!("{} × {}", size.width, size.height)
}

/// Tensors that do not fit, each kind under its heading.
fn mismatch(words: &Words, found: &Mismatch, headings: [&str; 3]) -> String {
    let kinds = [&found.missing, &found.extra, &found.unfit];
    let told = kinds.into_iter().zip(headings);
    let told = told.filter(|(names, _)| !names.is_empty());
    told.map(|(names, heading)| {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        format!(" {}.", (words.notice)(heading, &words.names(&names)))
    })
    .collect()
}

#[cfg(test)]
mod tests;
