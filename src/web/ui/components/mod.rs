//! What the visitor sees: one component a file, or a few that belong together. They show the state and call the controller.

mod alert;
mod announcer;
mod app;
mod choice;
mod compare;
mod corrections;
mod crack_numbers;
mod crack_table;
mod disclosure;
mod downloads;
mod empty;
mod gesture;
mod icons;
mod left_over;
mod look_controls;
mod measured;
mod offline;
mod overlay_canvas;
mod pad_pinch;
mod panel;
mod progress;
mod question;
mod result;
mod ruler;
mod settings;
mod stage;
mod strip;
mod tools;

pub(super) use app::App;
