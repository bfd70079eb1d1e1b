//! English.

use super::Words;
use crate::measure::Decimals;
use crate::protocol::{Backend, Reason};

pub(super) static WORDS: Words = Words {
    decimals: Decimals::Point,
    percent_sign: "%",
    before_colon: "",
    megabytes: "MB",

    ready: "Ready for photos.",
    starting: "Starting",
    not_running: "Not running",
    privacy: "Photos never leave this device. Marks help you look; they are not a verdict.",

    empty_title: "Find cracks in a photo of concrete",
    empty_hint: "Drop or paste photos here, or choose them.",
    choose: "Choose photos",
    take: "Take a photo",
    paste: "Paste",
    paste_refused: "The browser did not let the page read the clipboard. Press Ctrl+V (or ⌘V) instead.",
    paste_nothing: "There is no picture on the clipboard.",
    add: "Add photos",
    examples: "Or try an example",
    example_names: ["Slab", "Wall", "Fine cracks"],
    example_failed: "The example could not be fetched. Check the connection and try again.",
    source_failed: "The photo could not be fetched. Its address may be wrong, or its server may not allow this page to fetch it.",
    shared_failed: "What was shared could not be taken over: it is no picture, or this device has no room for it. Choose the photo here instead.",
    left_over_failed: "Not all of it could be read any more.",
    left_over_elsewhere: "Some of these photos are open in another tab.",
    open: "Open",
    delete: "Delete",
    deleted: "Deleted.",
    dropped_folder: "This is a folder. Open it and choose the photos in it.",
    drop: "Drop photos or a weights file",

    stage_keys: "Arrow keys move the photo, plus and minus zoom, 0 shows all of it.",
    stage_role: "photo viewer",
    tools: "Zoom and compare",
    zoom_in: "Zoom in",
    zoom_out: "Zoom out",
    zoom_fit: "Show the whole photo",
    compare: "Compare with the photo",
    compare_line: "Line between photo and result",

    panel: "Result and settings",
    result: "Result",
    share_label: "marked as crack",
    cracks: "Cracks",
    no_cracks: "None",
    length: "Length",
    width: "Width",
    measuring: "Measuring…",
    each_crack: "Crack by crack",
    number: "No.",
    mean_width: "Mean width",
    max_width: "Widest",
    scale: "Scale",
    ruler: "Set the scale",
    ruler_hint: "Lay the line along something whose length you know, in the plane of the crack.",
    ruler_length: "True length",
    ruler_for_all: "Also for the other photos of this size: same camera, same distance",
    ruler_refused: "Write the length in millimetres, such as 1200 or 12.5, with nothing between the thousands.",
    ruler_too_short: "The line is too short for a scale: lay it along something longer in the photo.",
    ruler_no_scale: "The line and this length do not fit together: check both.",
    scale_removed: "Scale removed",
    left_out: "Left out by hand",
    put_back: "Put the last back",
    leave_out_action: "Leave out",
    leave_out_all: "Leave out all that is marked",
    uncorrects: "Another run brings back what was left out by hand.",
    run_really: "Run again all the same?",
    ruler_set: "Apply",
    ruler_remove: "Remove scale",
    photo_size: "Photo",
    worked_size: "Processed at",
    time: "Time",
    made_by: "Made by",
    run_again: "Run again",
    run_it_again: "Run it again",
    run_them_again: "Run them again",

    view: "View",
    overlay: "Overlay",
    mask: "Mask",
    heat_map: "Heat map",
    original: "Original",
    probability: "Probability",
    threshold: "Threshold",
    threshold_hint: "Lower marks more, higher only what is more certain.",
    opacity: "Opacity",
    heat_scale: "Probability of a crack",

    download: "Download",
    table: "Table (CSV)",
    all_results: "All results (ZIP)",
    exporting: "Writing…",
    exported_all: "The archive is ready.",
    file_ready: |name| format!("{name} is ready."),
    save: "Save",
    report: "Cracks in photos",
    report_note: "Marked by a program, for a person to judge: it misses some cracks, and marks some things that are none.",
    report_blanks: ["Object", "Inspected by", "Remarks"],
    report_blanks_note: "Press a line to write on it; then print the page, or save it.",
    not_measured: "Not measured",
    not_examined: "Not examined",
    photo: "Photo",

    settings: "Settings",
    language: "Language",
    mode: "How closely",
    native: "Normal",
    native_hint: "Looks at every pixel of the photo, in overlapping tiles. Where that would take minutes, it is reduced first, and offered in full afterwards.",
    thorough: "Thorough",
    thorough_hint: "As Normal, then once more with the photo upside down. Takes about twice as long, and takes other things for cracks less often.",
    thorough_mode: "thorough mode",
    space: "256 × 256",
    space_hint: "Stretches the photo to 256 × 256, as the original on Hugging Face Spaces does. Fast, and blind to fine cracks. Cracks are not measured.",
    backend: "Runs on",
    automatic: "Automatic",
    weights: "Weights",
    weights_loading: "Loading…",
    weights_none: "None",
    weights_choose: "Use another file",
    weights_hint: "A .bpk or .safetensors file; dropping it on the page works too.",
    lite_hint: "Finds the most. For research only, not for commercial use.",
    open_hint: "For any use, commercial too. Trained on drawn cracks: finds less, and mistakes rough concrete for cracks more often.",
    adapter: "Processor",
    speed: "Speed",
    self_test: "Self-test",
    engine_failed: "Photos can't be segmented yet",
    try_again: "Try again",
    try_gpu_again: "Try the GPU again",

    offline: "Without a network",
    kept_never: "This browser does not keep the app, so it needs the network to start.",
    kept_not_yet: "Being kept on this device, so that it starts without a network…",
    kept_failed: "Not all of it could be kept on this device: the network broke off, or there is no room. It is tried again at the next visit, or when the network is back.",
    kept_for_good: "Ready. The browser promised to keep the app and its weights.",
    kept_for_now: "Ready. The browser may remove the app when the device runs out of room, or after weeks without use.",
    work_kept: "Photos and results stay in this browser until you remove them; what is older than a week is deleted at the next visit.",
    work_not_kept: "Not all of this can be kept in this browser: download what you want to keep.",
    persist: "Keep it for good",
    persist_refused: "The browser made no promise. It keeps apps that are installed or often used.",
    install: "Install the app",
    install_by_hand: "To install the app: open the browser's Share menu and choose Add to Home Screen.",
    update: "A new version is ready.",
    update_clears: "Reloading clears the photos and results on this page.",
    update_keeps: "After reloading you can open the photos and results of this page again.",
    update_now: "Reload",

    queue: "Photos",
    previous: "Previous photo",
    next: "Next photo",
    clear: "Clear",
    clear_all: "Clear all",
    cancel: "Cancel",
    cancel_key: "Cancel (Esc)",
    cancel_all: "Cancel all",
    stopping: "Stopping…",
    stopped_photo: "Stopped. This photo has not been examined.",
    dismiss: "Dismiss",
    show_controls: "Show controls",
    hide_controls: "Hide controls",

    waiting: "Waiting",
    waiting_turn: "Waiting for its turn",
    working: "Working",
    done: "Done",
    done_and_corrected: "Done, corrected by hand",
    stopped: "Stopped",
    failed: "Failed",

    stage_program: "Loading the program",
    stage_weights: "Loading the weights",
    stage_compiling: "Preparing and checking the processor",
    stage_decoding: "Reading the photo",
    stage_tiles: "Looking for cracks",

    left_over: |count, when| match count {
        1 => format!("One photo is still here from {when}."),
        _ => format!("{count} photos are still here, the last from {when}."),
    },
    show_crack: |number| format!("Show crack {number} on the photo"),
    leave_out: |number| format!("Not a crack: leave out {number}"),
    announce_left_out: |number, all| format!("Crack {number} is left out; left out in all: {all}."),
    announce_all_left_out: |all| format!("Everything marked is left out; left out in all: {all}."),
    announce_specks_left_out: |all| {
        format!("The short marks are left out; left out in all: {all}.")
    },
    specks: |count, shortest| match count {
        1 => format!("One mark shorter than {shortest} is coloured, but not listed."),
        _ => format!("{count} marks shorter than {shortest} are coloured, but not listed."),
    },
    announce_put_back: |left| format!("What was left out last is back; still left out: {left}."),
    more_cracks: |count| match count {
        1 => "One shorter crack is only in the table (CSV).".to_owned(),
        _ => format!("{count} shorter ones are only in the table (CSV)."),
    },
    ruler_end: |number| format!("End {number} of the line; arrow keys move it"),
    for_photos: |count| format!("for {count} photos"),
    crack_label: |number, length, width| format!("{number}: {length} long, {width} wide"),
    width_up_to: |mean, most| format!("{mean}, up to {most}"),
    width_hint: |least| {
        format!(
            "Width is taken at right angles to the crack, to about a pixel. Below {least} it is uncertain."
        )
    },
    short_marks: |shortest| {
        format!(
            "Nothing that is marked runs on for {shortest}, the least that is measured as a crack."
        )
    },
    collecting: |done, total| format!("Step {} of {total}…", done + 1),
    clear_really: |count| match count {
        1 => "Remove this photo?".to_owned(),
        _ => format!("Remove {count} photos?"),
    },
    weights_named: |name, width| format!("{name}, width {width}"),
    a_megapixel: |time| format!("{time} a megapixel"),
    agreement: |difference| format!("GPU and CPU agree within {difference}"),
    coming_weights: |file| format!("{file} will be used after the photo in work."),
    reset_to: |threshold| format!("Reset to {threshold}"),
    outdated: |is_shown, others| match (is_shown, others) {
        (true, 0) => "The settings have changed since.".to_owned(),
        (true, 1) => "This photo and another one were processed with other settings.".to_owned(),
        (true, _) => format!("This photo and {others} others were processed with other settings."),
        (false, 1) => "Another photo was processed with other settings.".to_owned(),
        (false, _) => format!("{others} other photos were processed with other settings."),
    },
    weights_stay: |weights| format!("The {weights} weights stay in use."),
    about_time: |time| format!("about {time}"),
    worked_at_share: |share| {
        format!(
            "Processed at {share} of the photo's size, so that it doesn't take long on this device. Finer cracks may be missing."
        )
    },
    working_at_share: |share, full| {
        format!("At {share} of the photo's size; at full resolution it would take {full}.")
    },
    run_full_in: |about| format!("Run at full resolution ({about})"),
    made_by_weights: |backend, weights| format!("{backend}, {weights} weights"),
    of_total: |part, total| format!("{part} of {total}"),
    tile: |number, total, left| format!("Tile {number} of {total}, {left} left"),
    card_of: |name, number, of, phase, is_outdated| {
        let outdated = if is_outdated {
            ", with other settings"
        } else {
            ""
        };
        format!("{name}, photo {number} of {of}: {phase}{outdated}")
    },
    remove: |name| format!("Remove {name}"),
    place: |number, of, in_work| match in_work {
        0 => format!("{number} of {of}"),
        _ => format!("{number} of {of} · {in_work} to go"),
    },
    announce_again: |others| match others {
        1 => "Another photo is being processed again.".to_owned(),
        _ => format!("{others} other photos are being processed again."),
    },
    queue_finished: |done, stopped, failed| {
        let mut words = format!("The queue is finished: {done} done");
        if stopped > 0 {
            words += &format!(", {stopped} stopped");
        }
        if failed > 0 {
            words += &format!(", {failed} failed");
        }
        words + "."
    },
    announce_removed: |name, left| match left {
        1 => format!("{name} removed, 1 photo left."),
        _ => format!("{name} removed, {left} photos left."),
    },
    ready_on: |backend| format!("Ready, on {backend}."),
    and_more: |names, more| format!("{names} and {more} more"),
    notice: |name, message| format!("{name}: {message}"),
    pixels: |size| format!("{size} pixels"),
    share_found: |share| format!("{share} of the area marked as crack."),
    share_shown: |share, threshold, view| {
        format!("{share} of the area marked as crack at threshold {threshold}. View: {view}.")
    },
    reason: |backend, reason| match (reason, backend) {
        (Reason::Chosen, Backend::Cpu) => "The CPU was chosen.",
        (Reason::Chosen, Backend::WebGpu | Backend::WebGpuF16) => {
            "WebGPU was chosen, and agrees with the CPU."
        }
        (Reason::Faster, Backend::Cpu) => "The CPU is faster than this GPU.",
        (Reason::Faster, Backend::WebGpu | Backend::WebGpuF16) => {
            "WebGPU agrees with the CPU and is faster."
        }
        (Reason::SoftwareGpu, _) => "WebGPU runs in software here, slower than the CPU itself.",
        (Reason::NoWebGpu, _) => {
            "This browser has no WebGPU. The CPU does the same work, only slower."
        }
        (Reason::NoAdapter, _) => {
            "WebGPU finds no GPU here that it can use. The CPU does the same work, only slower."
        }
        (Reason::GpuFailed, _) => {
            "The GPU could not be started. The CPU does the same work, only slower."
        }
        (Reason::SmallGpu, _) => {
            "These weights are too large for this GPU. The CPU does the same work, only slower."
        }
        (Reason::WrongGpu, _) => {
            "The GPU gives wrong results here, so it is not used. Updating the browser or the graphics driver may help."
        }
        (Reason::LostGpu, _) => "The GPU stopped answering, so the CPU does its work.",
        (Reason::Recovered, _) => "The segmenter stopped unexpectedly and went on, on the CPU.",
    },
    // The source of all others.
    cause: ToString::to_string,
};
