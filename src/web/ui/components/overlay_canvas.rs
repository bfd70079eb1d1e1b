//! The canvas over the photo. Threshold and view repaint it from the map in memory, at most once a frame; opacity is
//! left to the browser.

use leptos::html::Canvas;
use leptos::prelude::*;
use web_sys::HtmlCanvasElement;

use super::stage::{SQUARES_BEYOND, StageView};
use crate::web::ui::controller::Controller;
use crate::web::ui::dom;
use crate::web::ui::look::View;
use crate::web::ui::pixels::{self, Palette};
use crate::web::ui::stage_map::StageMap;

/// The most pixels of the canvas: a photo of 12 megapixels, and what tablets still give without trouble.
const MOST_PIXELS: usize = 4096 * 3072;

/// Pixels painted at a time, to keep the memory for colours small.
const BAND_PIXELS: u32 = 1 << 20;

/// What decides the pixels.
#[derive(Clone, Copy, PartialEq)]
struct Paint {
    view: View,
    threshold: f32,
    block: u32,
}

/// The overlay. It lies in a layer of the photo's size on the stage.
#[component]
pub(super) fn OverlayCanvas() -> impl IntoView {
    let controller = Controller::of_context();
    let stage: StageView = expect_context();
    let look = controller.look;
    let canvas = NodeRef::<Canvas>::new();

    let enlargement = move || {
        let (width, height) = stage.shown_size()?;
        controller.map.with(|map| {
            let size = map.as_ref()?.size();
            Some((width / f64::from(size.width)).max(height / f64::from(size.height)))
        })
    };
    let paint = Memo::new(move |_| {
        let enlargement = enlargement()? * window().device_pixel_ratio();
        let size = controller
            .map
            .with(|map| map.as_ref().map(StageMap::size))?;
        Some(Paint {
            view: look.with(|look| look.view),
            threshold: controller.threshold.get(),
            block: pixels::block_for(enlargement, size, MOST_PIXELS),
        })
    });

    let rgba = StoredValue::new(Vec::new());
    let frame = StoredValue::new_local(None::<AnimationFrameRequestHandle>);
    Effect::new(move |_| {
        paint.get();
        controller.map.track();
        if frame.with_value(Option::is_some) {
            return;
        }
        let repaint = move || {
            frame.try_set_value(None);
            if let Some(Some(canvas)) = canvas.try_get_untracked() {
                let paint = paint.try_get_untracked().flatten();
                let map = controller.map.try_get_untracked().flatten();
                rgba.try_update_value(|rgba| draw(&canvas, paint, map, rgba));
            }
        };
        frame.set_value(request_animation_frame_with_handle(repaint).ok());
    });
    on_cleanup(move || {
        if let Some(Some(frame)) = frame.try_update_value(Option::take) {
            frame.cancel();
        }
        if let Some(Some(canvas)) = canvas.try_get_untracked() {
            dom::release(&canvas);
        }
    });

    // The last blocks of a row and column may reach over the photo's edge.
    let reach = move |side: fn(crate::protocol::Size) -> u32| {
        let block = paint.get()?.block;
        let size = controller
            .map
            .with(|map| map.as_ref().map(StageMap::size))?;
        let covered = f64::from(side(pixels::reduced(size, block)) * block);
        Some(format!("{}%", 100.0 * covered / f64::from(side(size))))
    };
    view! {
        <canvas
            class:cs-layer--squares=move || enlargement().is_some_and(|enlargement| enlargement > SQUARES_BEYOND)
            node_ref=canvas
            aria-hidden="true"
            data-testid="overlay"
            style:opacity=move || look.with(|look| look.effective_opacity().to_string())
            style:width=move || reach(|size| size.width)
            style:height=move || reach(|size| size.height)
        ></canvas>
    }
    .into_any()
}

fn draw(
    canvas: &HtmlCanvasElement,
    paint: Option<Paint>,
    map: Option<StageMap>,
    rgba: &mut Vec<u8>,
) {
    let palette =
        paint.and_then(|paint| Some((Palette::new(paint.view, paint.threshold)?, paint.block)));
    let (Some((palette, block)), Some(map)) = (palette, map) else {
        return dom::release(canvas);
    };
    let size = pixels::reduced(map.size(), block);
    dom::resize(canvas, size);
    let rows = (BAND_PIXELS / size.width.max(1)).max(1);
    for top in (0..size.height).step_by(rows as usize) {
        let bottom = (top + rows).min(size.height);
        palette.paint(map.map.values(), map.size(), block, top..bottom, rgba);
        if let Err(error) = dom::put_rows(canvas, rgba, top) {
            return dom::log(&error);
        }
    }
}
