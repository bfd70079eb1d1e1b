//! The built app in real browsers: headless Chromium, with and without a (software) GPU. What people do most, in WebKit too,
//! which is Safari's engine; offline use and the work in other pages, in Firefox as well.
//!
//! `cargo xtask build` comes first; `cargo xtask test` does both. The site is served under a path of its own and with
//! a policy that allows nothing from elsewhere, so every test here also shows that the app is content with that.

mod arriving;
mod bringing;
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
mod returning;
mod segmenting;
mod size;
mod tuning;
