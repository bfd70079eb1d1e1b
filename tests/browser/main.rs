//! The built app in real browsers: headless Chromium, with and without a (software) GPU; offline use in Firefox too.
//!
//! `cargo xtask build` comes first; `cargo xtask test` does both. The site is served under a path of its own and with
//! a policy that allows nothing from elsewhere, so every test here also shows that the app is content with that.

mod arriving;
mod element;
mod failing;
mod frame;
mod harness;
mod helping;
mod hosting;
mod language;
mod loading;
mod looking;
mod measuring;
mod native;
mod nginx;
mod offline;
mod package;
mod page;
mod queue;
mod real_photo;
mod segmenting;
mod size;
