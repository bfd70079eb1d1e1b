//! The page.
//!
//! [`state`] is what it knows and how that changes, without DOM, as are [`photo`], [`look`], [`viewport`], [`pixels`],
//! [`tally`], [`kept`], [`host`], [`labels`], [`language`], `heard`, `ledger`, `report`, `stems` and `words`; these compile natively, for their
//! tests. The `controller` joins them to the worker, the parts of its work beside it: `intake` (files that come in), `stage_map` (the
//! stage's pixels), `correcting`, `saving`, `autosave` (for another visit, in a `session`). What the visitor sees are the `components`, which show the state and call the controller.
//!
//! # What browser tests may rely on
//!
//! These `data-testid` names and attributes are stable:
//!
//! | name | what |
//! |---|---|
//! | `app` | the root, of class `cs`; `data-state` = `starting`, `ready`, `working` or `failed` (the engine); `data-backend` = `cpu`, `webgpu` or `webgpu-f16`, once known |
//! | `file-input`, `camera-input`, `weights-input` | the hidden file inputs |
//! | `left-over`, `open-left-over`, `delete-left-over` | words on photos of earlier visits that are still there, and what is done about them; the last asks first; only where the page is the app itself |
//! | `choose`, `take`, `paste`, `example` (three), `add`, `clear` | ways in, and out; while there are several photos, or one on which something was done by hand, `clear` asks and must be clicked twice |
//! | `progress` | what is under way on the stage, or of the engine in the settings; `data-stage` = `waiting`, `program`, `weights`, `compiling`, `decoding` or `tiles` |
//! | `cancel`, `run-again`, `run-full`, `run-outdated`, `try-again`, `choose-another` | what can be done about it; `run-full` and `run-outdated` have `data-asking` while they ask whether what was done by hand may go |
//! | `other-progress`, `cancel-all` | the photo in work where another one is on the stage, and what stops all |
//! | `gpu-lost`, `try-gpu-again` | words on a GPU that was lost, and a way back to it |
//! | `result` | while a result is shown; `data-job`, `data-share` (a fraction, at the present threshold) |
//! | `cracks`, `crack-length`, `crack-width`, `scale` | figures of the result, at the photo's own size; `cracks` has `aria-busy` while they are measured |
//! | `view-overlay`, `view-mask`, `view-heat`, `view-original` | radio inputs |
//! | `threshold`, `opacity`, `split` | range inputs; `threshold-reset` |
//! | `zoom-in`, `zoom-out`, `zoom-fit`, `compare` | buttons over the stage |
//! | `crack-list` | the button that opens the list of cracks, whose rows have a button `show-crack`; `crack-numbers` on the photo while it is open |
//! | `leave-out`, `leave-out-all`, `left-out`, `put-back` | a button in each row, and below one for all that is marked; how many marks are left out, and the button that brings the last back |
//! | `ruler` | the button that lays a ruler on the photo and takes it away; `ruler-line`, `ruler-end` (two), `ruler-length`, `ruler-all` (with several photos), `ruler-set`, `ruler-remove`, `ruler-cancel` while it is laid |
//! | `stage`, `overlay` | what takes keys and pointers, and the result's canvas |
//! | `download-mask`, `download-overlay`, `download-probability`, `download-table`, `download-all` | buttons; `aria-disabled` while one is being written; `download-all` while any photo has a result |
//! | `collecting`, `cancel-collecting` | what is under way of all downloads, and the button that gives it up |
//! | `settings` | opens and closes the settings; they are open until there is a photo, but not on a phone |
//! | `mode-native`, `mode-thorough`, `mode-space`, `backend-auto`, `backend-webgpu`, `backend-cpu`, `weights-lite`, `weights-open` (the app's only) | radio inputs in the settings |
//! | `language` | the `select` of languages, only where the page is the app itself |
//! | `weights`, `choose-weights`, `coming-weights` | the weights' name, the button to change them, and words on those that wait for the photo in work |
//! | `offline`, `work-kept`, `persist`, `install`, `update`, `update-now` | only where the page is the app itself; `offline` (of the app) and `work-kept` (of photos and results) have `data-kept` = `never`, `not-yet`, `complete` or `failed` |
//! | `strip`, `card`, `previous`, `next`, `remove` | the queue, while there are several photos; a card has `data-phase` = `waiting`, `working`, `done`, `stopped` or `failed`, and `data-outdated` where the settings changed since; `remove` asks first where the person did something by hand, and has `data-asking` then |
//! | `error`, `dismiss` | words beside what failed, and the button that puts some of them away |
//! | `announcer` (two) | what screen readers are told: of what the person did, and of the photo on the stage |

#![cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "natively only its tests use it")
)]
#![allow(
    unreachable_pub,
    reason = "#[component] writes public items, whatever the function's own visibility"
)]

mod heard;
pub mod host;
mod kept;
mod labels;
mod language;
mod ledger;
mod look;
mod photo;
mod pixels;
mod report;
mod shipped;
mod state;
mod stems;
mod tally;
mod viewport;
mod words;
mod written_length;

#[cfg(target_family = "wasm")]
mod asking;
#[cfg(target_family = "wasm")]
mod autosave;
#[cfg(target_family = "wasm")]
mod components;
#[cfg(target_family = "wasm")]
mod controller;
#[cfg(target_family = "wasm")]
mod correcting;
#[cfg(target_family = "wasm")]
mod crack_list;
#[cfg(target_family = "wasm")]
mod dom;
#[cfg(target_family = "wasm")]
mod focus;
#[cfg(target_family = "wasm")]
mod hand_over;
#[cfg(target_family = "wasm")]
mod intake;
#[cfg(target_family = "wasm")]
mod kept_photo;
#[cfg(target_family = "wasm")]
mod leaving;
#[cfg(target_family = "wasm")]
mod mount;
#[cfg(target_family = "wasm")]
mod pictures;
#[cfg(target_family = "wasm")]
mod preferences;
#[cfg(target_family = "wasm")]
mod presses;
#[cfg(target_family = "wasm")]
mod saving;
#[cfg(target_family = "wasm")]
mod session;
#[cfg(target_family = "wasm")]
mod stage_map;
#[cfg(target_family = "wasm")]
mod theme;
#[cfg(target_family = "wasm")]
mod thumbnailer;

#[cfg(target_family = "wasm")]
pub use asking::{draw, measure};
#[cfg(target_family = "wasm")]
pub use mount::{Page, Place, mount};
